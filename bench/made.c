/* Writes the made log to a file, to try things on by hand: made csv|xes|git PATH COUNT. */
#include "generate.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct error why = {0};
    int64_t n = 0;
    if (argc != 4 || !str_to_i64(str_of(argv[3]), &n) || n < 1) {
        fputs("usage: bench_made csv|xes|git PATH COUNT\n", stderr);
        return 2;
    }
    status_code s = strcmp(argv[1], "csv") == 0   ? generate_csv(argv[2], (uint64_t)n, &why)
                    : strcmp(argv[1], "xes") == 0 ? generate_xes(argv[2], (uint64_t)n, &why)
                    : strcmp(argv[1], "git") == 0 ? generate_git(argv[2], (uint64_t)n, &why)
                                                  : error_set(&why, "%s is no format", argv[1]);
    if (s != OK) {
        fprintf(stderr, "bench_made: %s\n", why.text);
    }
    return s == OK ? 0 : 1;
}
