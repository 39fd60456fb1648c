/* Are the results in a folder well-formed? Every file a document `weir.bench/1` with its figures;
 * the names that must be there follow. Says nothing about whether the figures are good. */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static int faults;

static void fault(const char *file, const char *what)
{
    fprintf(stderr, "%s: %s\n", file, what);
    faults++;
}

static void check_summary(const char *file, const json_t *d, const char *field)
{
    double least = json_real_value(json_object_get(json_object_get(d, field), "min"));
    double median = json_real_value(json_object_get(json_object_get(d, field), "median"));
    double most = json_real_value(json_object_get(json_object_get(d, field), "max"));
    if (!(least > 0 && least <= median && median <= most)) {
        fault(file, field);
    }
}

static void check(const char *file, const char *name)
{
    json_error_t why;
    json_t *d = json_load_file(file, JSON_REJECT_DUPLICATES, &why);
    if (d == NULL) {
        fault(file, why.text);
        return;
    }
    const char *schema = json_string_value(json_object_get(d, "schema"));
    const char *said = json_string_value(json_object_get(d, "name"));
    if (schema == NULL || strcmp(schema, "weir.bench/1") != 0) {
        fault(file, "schema");
    }
    if (said == NULL || strncmp(said, name, strlen(said)) != 0) {
        fault(file, "name");
    }
    if (!json_is_string(json_object_get(d, "peer")) ||
        json_integer_value(json_object_get(d, "n")) < 1 ||
        json_integer_value(json_object_get(d, "runs")) < 1 ||
        json_integer_value(json_object_get(json_object_get(d, "machine"), "cores")) < 1) {
        fault(file, "peer, n, runs or machine");
    }
    check_summary(file, d, "ours_s");
    if (json_object_get(d, "ours_bytes") == NULL) {
        check_summary(file, d, "peer_s");
    }
    if (!(json_real_value(json_object_get(d, "ratio")) > 0)) {
        fault(file, "ratio");
    }
    json_decref(d);
}

int main(int argc, char **argv)
{
    char path[4096];
    DIR *folder = argc > 1 ? opendir(argv[1]) : NULL;
    if (folder == NULL) {
        fputs("usage: bench_check FOLDER [NAME…]\n", stderr);
        return 2;
    }
    for (const struct dirent *e; (e = readdir(folder)) != NULL;) {
        size_t n = strlen(e->d_name);
        if (n > 5 && strcmp(e->d_name + n - 5, ".json") == 0) {
            snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name);
            check(path, e->d_name);
        }
    }
    closedir(folder);
    for (int i = 2; i < argc; i++) {
        snprintf(path, sizeof path, "%s/%s.json", argv[1], argv[i]);
        FILE *f = fopen(path, "r");
        if (f == NULL) {
            fault(path, "is missing");
            continue;
        }
        fclose(f);
    }
    return faults > 0 ? 1 : 0;
}
