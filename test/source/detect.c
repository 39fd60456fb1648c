#include "reading.h"

#include "source/detect.h"

#include <sys/stat.h>

static const struct source_format *const FORMATS[] = {&SOURCE_PARQUET, &SOURCE_NDJSON, &SOURCE_CSV};

static const char *detect(str text, struct error *why)
{
    char path[64];
    const struct source_format *format = NULL;
    reading_temp(path, text.p, text.n);
    status_code code = detect_among(FORMATS, 3, path, &format, why);
    unlink(path);
    return code == OK ? format->name : "";
}

static void finds_the_format_by_content(void **state)
{
    (void)state;
    struct error why = {0};
    assert_string_equal(detect(STR("case,activity,time\n1,2,3\n"), &why), "csv");
    assert_string_equal(detect(STR("case;activity\n"), &why), "csv");
    assert_string_equal(detect(STR("{\"case\":1}\n{\"case\":2}\n"), &why), "ndjson");
    assert_string_equal(detect(STR("PAR1\x15"), &why), "parquet");
    assert_string_equal(detect(STR("just a text\n"), &why), "");
    assert_non_null(strstr(why.text, "text of no known format"));
    assert_string_equal(detect(STR("\x89PNG\r\n\x1a\n"), &why), "");
    assert_non_null(strstr(why.text, "is a PNG image, which weir does not read"));
    assert_string_equal(detect(STR("{\"objectTypes\":[],\"eventTypes\":[]}\n"), &why), "");
    assert_non_null(strstr(why.text, "OCEL (JSON)"));
    assert_string_equal(detect(STR(""), &why), "");
    const struct source_format *format = NULL;
    assert_int_equal(detect_among(FORMATS, 3, "-", &format, &why), FAIL);
}

static void finds_the_format_of_a_folder(void **state)
{
    (void)state;
    char folder[] = "/tmp/weir-test-XXXXXX", file[64];
    struct error why = {0};
    const struct source_format *format = NULL;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(detect_among(FORMATS, 3, folder, &format, &why), FAIL);
    snprintf(file, sizeof file, "%s/b.CSV.gz", folder);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fputs("case,activity,time\n1,b,2020-01-02\n", f); /* named .gz, but plain */
    fclose(f);
    assert_int_equal(detect_among(FORMATS, 3, folder, &format, &why), OK);
    assert_string_equal(format->name, "csv");
    char other[64];
    snprintf(other, sizeof other, "%s/a.csv", folder);
    f = fopen(other, "w");
    assert_non_null(f);
    fputs("case,activity,time\n1,a,2020-01-01\n", f);
    fclose(f);
    struct reading r;
    reading_init(&r);
    assert_true(reading_file(&r, &SOURCE_CSV, folder));
    assert_string_equal(buf_cstr(&r.text),
                        "1|a||2020-01-01T00:00:00||0|\n1|b||2020-01-02T00:00:00||0|\n");
    reading_finish(&r);
    unlink(file);
    unlink(other);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_format_by_content),
        cmocka_unit_test(finds_the_format_of_a_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
