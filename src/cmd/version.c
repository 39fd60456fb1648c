/* The version of weir and of the libraries it runs with, as they say themselves. Opens nothing. */
#include "cmd/command.h"

#include <duckdb.h>
#include <expat.h>
#include <git2.h>
#include <libfyaml.h>
#include <openssl/crypto.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unicode/uversion.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>

struct library {
    const char *name;
    char version[64];
};

enum { LIBRARIES = 12 };

static void read_versions(struct library ret[LIBRARIES])
{
    int major, minor, revision;
    git_libgit2_version(&major, &minor, &revision);
    UVersionInfo icu;
    char icu_text[U_MAX_VERSION_STRING_LENGTH], pcre[64] = "";
    u_getVersion(icu);
    u_versionToString(icu, icu_text);
    pcre2_config(PCRE2_CONFIG_VERSION, pcre);
    unsigned xxh = XXH_versionNumber();
    size_t n = 0;
#define LIBRARY(called, ...)                                                                       \
    do {                                                                                           \
        ret[n].name = (called);                                                                    \
        snprintf(ret[n].version, sizeof ret[n].version, __VA_ARGS__);                              \
        n++;                                                                                       \
    } while (0)
    LIBRARY("duckdb", "%s", duckdb_library_version());
    LIBRARY("expat", "%s", XML_ExpatVersion());
    LIBRARY("icu", "%s", icu_text);
    LIBRARY("jansson", "%s", jansson_version_str());
    LIBRARY("libcrypto", "%s", OpenSSL_version(OPENSSL_VERSION_STRING));
    LIBRARY("libfyaml", "%s", fy_library_version());
    LIBRARY("libgit2", "%d.%d.%d", major, minor, revision);
    LIBRARY("pcre2", "%s", pcre);
    LIBRARY("sqlite3", "%s", sqlite3_libversion());
    LIBRARY("xxhash", "%u.%u.%u", xxh / 10000, xxh / 100 % 100, xxh % 100);
    LIBRARY("zlib", "%s", zlibVersion());
    LIBRARY("zstd", "%s", ZSTD_versionString());
#undef LIBRARY
}

static int run(struct command_context *c)
{
    if (c->look.format == LOOK_TABLE && c->verbosity <= 0) {
        command_say(c, "weir %s", WEIR_VERSION);
        return EXIT_YES;
    }
    struct library libraries[LIBRARIES];
    read_versions(libraries);
    if (command_wants_json(c) || c->look.format == LOOK_JSONL) {
        json_t *doc = doc_new("weir.version/1"), *of = json_object();
        doc_put(doc, "version", doc_str(STR(WEIR_VERSION)));
        for (size_t i = 0; i < LIBRARIES; i++) {
            doc_put(of, libraries[i].name, doc_str(str_of(libraries[i].version)));
        }
        doc_put(doc, "libraries", of);
        command_document(c, doc);
        return EXIT_YES;
    }
    static const struct table_column columns[] = {
        {.name = "part", .key = "name", .kind = CELL_TEXT},
        {.name = "version", .key = "version", .kind = CELL_TEXT},
    };
    struct table *t = table_new(columns, 2);
    table_text(t, STR("weir"));
    table_text(t, STR(WEIR_VERSION));
    for (size_t i = 0; i < LIBRARIES; i++) {
        table_text(t, str_of(libraries[i].name));
        table_text(t, str_of(libraries[i].version));
    }
    command_table(c, t);
    return EXIT_YES;
}

static const struct example examples[] = {
    {"weir version", NULL},
    {"weir version -v", "with the libraries that weir runs with"},
    {"weir version --json", "the same for a program"},
    {.line = NULL},
};

const struct command COMMAND_VERSION = {
    .name = "version",
    .purpose = "print the version",
    .examples = examples,
    .fields =
        "version: of weir\nlibraries: {name: version}, as the loaded libraries say themselves",
    .flags = COMMAND_NO_CONFIG | COMMAND_ANSWERS | COMMAND_SERVED,
    .group = GROUP_SELF,
    .run = run,
};
