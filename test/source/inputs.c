/* Files of a folder, and files made seekable and plain. */
#include "reading.h"

#include "source/inputs.h"

#include <sys/stat.h>
#include <zlib.h>

static const char *const ENDINGS[] = {".csv", ".tsv", NULL};

static void run(const char *folder, const char *lines)
{
    char command[1000];
    snprintf(command, sizeof command, "cd '%s' && { %s\n}", folder, lines);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

static void expect_files(const char *folder, const char *want)
{
    struct inputs in = {0};
    struct buf told = {0};
    const char *paths[] = {folder};
    struct error why = {0};
    if (inputs_find(&in, paths, 1, ENDINGS, &why) == OK) {
        for (size_t i = 0; i < in.files.n; i++) {
            buf_addf(&told, "%s ", in.files.v[i] + strlen(folder) + 1);
        }
    } else {
        buf_add(&told, str_of(why.text));
    }
    assert_string_equal(buf_cstr(&told), want);
    inputs_finish(&in);
    buf_finish(&told);
}

static void lists_a_folder(void **state)
{
    (void)state;
    char folder[] = "/tmp/weir-inputs-XXXXXX", want[128];
    assert_non_null(mkdtemp(folder));
    snprintf(want, sizeof want, "the folder %s holds no .csv file", folder);
    run(folder, "mkdir -p sub/er .hidden dir.csv; touch notes.txt .csv .x.csv .hidden/h.csv");
    expect_files(folder, want);
    assert_true(inputs_folder_has(folder, ENDINGS)); /* the folder dir.csv may be one: a guess */
    run(folder, "rmdir dir.csv");
    assert_false(inputs_folder_has(folder, ENDINGS));
    run(folder,
        "touch b.csv a.CSV.gz c.tsv.zst d.csv.zip sub/er/x.csv sub/a.tsv csv; ln -s .. sub/up");
    expect_files(folder, "a.CSV.gz b.csv c.tsv.zst sub/a.tsv sub/er/x.csv "); /* the loop ends */
    assert_true(inputs_folder_has(folder, ENDINGS));
    assert_false(inputs_folder_has("/nowhere/at/all", ENDINGS));
    assert_false(inputs_folder_has(NULL, ENDINGS));
    struct inputs in = {0};
    const char *paths[] = {"/nowhere.any", "-"}; /* opened by others, who say what is wrong */
    assert_int_equal(inputs_find(&in, paths, 2, ENDINGS, NULL), OK);
    assert_int_equal(in.files.n, 2);
    inputs_finish(&in);
    run(folder, "rm -rf ./* .hidden .csv .x.csv");
    assert_int_equal(rmdir(folder), 0);
}

static void gz_file(const char *path, const char *text, size_t cut)
{
    gzFile gz = gzopen(path, "wb");
    assert_non_null(gz);
    assert_int_equal(gzwrite(gz, text, (unsigned)strlen(text)), (int)strlen(text));
    assert_int_equal(gzclose(gz), Z_OK);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size - (off_t)cut), 0);
}

static void expect_content(const struct input *in, const char *want)
{
    char room[4096];
    FILE *f = fopen(in->path, "rb");
    assert_non_null(f);
    size_t n = fread(room, 1, sizeof room - 1, f);
    room[n] = '\0';
    fclose(f);
    assert_string_equal(room, want);
    assert_int_equal(in->size, strlen(want));
}

static void opens_files(void **state)
{
    (void)state;
    char path[] = "/tmp/weir-inputs-XXXXXX";
    struct input in;
    struct error why = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a,b\n1,2\n", 8), 8);
    close(fd);
    assert_int_equal(input_open(path, 4, true, &in, &why), OK);
    assert_true(in.head.n >= 4 && str_starts(in.head, STR("a,b\n")));
    expect_content(&in, "a,b\n1,2\n");
    input_close(&in);
    input_close(&in); /* twice is fine */
    gz_file(path, "a,b\n1,2\n", 0);
    assert_int_equal(input_open(path, 100, true, &in, &why), OK);
    assert_false(in.broken);
    assert_true(str_eq(in.head, STR("a,b\n1,2\n")));
    expect_content(&in, "a,b\n1,2\n");
    input_close(&in);
    gz_file(path, "a,b\n1,2\n3,\"not whole", 9); /* without the trailer and a byte of the end */
    assert_int_equal(input_open(path, 100, true, &in, &why), OK);
    assert_true(in.broken);
    expect_content(&in, "a,b\n1,2\n");
    assert_true(str_starts(in.partial, STR("3,\"")));
    assert_true(in.reason[0] != '\0');
    input_close(&in);
    assert_int_equal(input_open(path, 100, false, &in, &why), OK); /* as it is */
    assert_true(in.broken && in.partial.n == 0 && in.size > 8);
    input_close(&in);
    unlink(path);
    assert_int_equal(input_open(path, 100, true, &in, &why), FAIL);
    assert_int_equal(mkfifo(path, 0600), 0); /* a pipe cannot be gone back in */
    char command[128];
    snprintf(command, sizeof command, "printf 'x\\ny\\n' > '%s' &", path);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    assert_int_equal(input_open(path, 2, true, &in, &why), OK);
    expect_content(&in, "x\ny\n");
    input_close(&in);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_a_folder),
        cmocka_unit_test(opens_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
