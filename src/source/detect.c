#include "source/detect.h"

#include "source/magic.h"
#include "wire/stream.h"

#include <string.h>
#include <sys/stat.h>

enum { HEAD = 1 << 16 };

static const struct source_format *surest(const struct source_format *const *formats, size_t n,
                                          str head, const char *path)
{
    const struct source_format *best = NULL;
    int most = 0;
    for (size_t i = 0; i < n; i++) {
        int sure = formats[i]->guess(head, path);
        if (sure > most) {
            most = sure;
            best = formats[i];
        }
    }
    return best;
}

static status nothing(const char *path, const char *found,
                      const struct source_format *const *formats, size_t n, struct error *why)
{
    struct buf names = {0};
    for (size_t i = 0; i < n; i++) {
        buf_addf(&names, "%s%s", i > 0 ? " " : "", formats[i]->name);
    }
    error_set(why, "%s is %s, which weir does not read", path, found);
    error_hint(why, "weir reads: %s. Say which it is: --format NAME", buf_cstr(&names));
    buf_finish(&names);
    return FAIL;
}

status detect_among(const struct source_format *const *formats, size_t n, const char *path,
                    const struct source_format **ret, struct error *why)
{
    struct stat info;
    const struct source_format *best = NULL;
    if (strcmp(path, "-") == 0) {
        error_set(why, "what comes from standard input cannot be looked at before it is read");
        error_hint(why, "Say which format it is: --format csv");
        return FAIL;
    }
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        best = surest(formats, n, (str){0}, path);
        if (best == NULL) {
            return nothing(path, "a folder without any file or repository of a known kind", formats,
                           n, why);
        }
        *ret = best;
        return OK;
    }
    struct stream *s = NULL;
    str head = {0};
    TRY(stream_open(path, &s, why));
    status_code code = stream_peek(s, HEAD, &head, why);
    if (code == OK || code == END) {
        code = OK;
        best = surest(formats, n, head, path);
        if (best == NULL) {
            const char *found = NULL;
            (void)magic(head, &found);
            code = nothing(path, found, formats, n, why);
        }
    }
    stream_close(s);
    if (code == OK) {
        *ret = best;
    }
    return code;
}
