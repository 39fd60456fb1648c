/* Feeds the files of a corpus to a fuzz target, without the fuzzer: what once broke a decoder must
 * not break it again. */
#include <fts.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    uint8_t *data = NULL; /* exactly as long as the input, so that a read past its end is caught */
    size_t n = 0, got = 1;
    while (got > 0) {
        uint8_t *more = realloc(data, n + 4096);
        if (more == NULL) {
            break;
        }
        data = more;
        got = fread(data + n, 1, 4096, file);
        n += got;
    }
    fclose(file);
    uint8_t *exact = n > 0 ? realloc(data, n) : data;
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    return 0;
}

int main(int count, char **paths)
{
    size_t files = 0;
    int failed = 0;
    FTS *tree = count > 1 ? fts_open(paths + 1, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
    for (FTSENT *entry; tree != NULL && (entry = fts_read(tree)) != NULL;) {
        if (entry->fts_info == FTS_F) {
            failed |= replay(entry->fts_path);
            files++;
        }
    }
    if (tree != NULL) {
        fts_close(tree);
    }
    if (files == 0) {
        fprintf(stderr, "there is no corpus to replay\n");
        return 1;
    }
    printf("%zu inputs\n", files);
    return failed;
}
