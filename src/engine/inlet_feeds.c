#include "engine/inlet_parts.h"

#include "source/fetch.h"
#include "wire/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECRET_MAX = 65536, SECRETS_MAX = 16 };

/* --- configuration --------------------------------------------------------------------------- */

static status read_secret_file(const char *path, struct arena *room, str *ret, struct error *why)
{
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        return error_set(why, "the secret in %s cannot be read: %s", path, strerror(errno));
    }
    char *bytes = arena_get(room, SECRET_MAX + 1);
    size_t n = fread(bytes, 1, SECRET_MAX, f);
    bool failed = ferror(f) != 0;
    fclose(f);
    *ret = (str){bytes, n};
    return failed ? error_set(why, "the secret in %s cannot be read", path) : OK;
}

/* Secrets are lines: two of them while one is being replaced. */
static void secret_lines(str text, struct arena *room, struct hook_secrets *ret)
{
    str *list = ARENA_ARRAY(room, str, SECRETS_MAX);
    str line;
    while (str_cut(&text, '\n', &line) && ret->n < SECRETS_MAX) {
        line = str_trim(line);
        if (line.n > 0) {
            list[ret->n++] = line;
        }
    }
    ret->secrets = list;
}

static status read_secrets(const struct config_source *c, struct arena *room,
                           struct hook_secrets *ret, struct error *why)
{
    str text = {0};
    if (c->secret_file.n > 0) {
        TRY(read_secret_file(arena_str(room, c->secret_file).p, room, &text, why));
    } else if (c->secret_env.n > 0) {
        text = arena_str(room, str_of(getenv(arena_str(room, c->secret_env).p)));
    } else if (c->secret_credential.n > 0) {
        const char *folder = getenv("CREDENTIALS_DIRECTORY");
        if (folder == NULL) {
            return error_set(why, "secret_credential is set, but systemd gave no credentials "
                                  "(CREDENTIALS_DIRECTORY is empty)");
        }
        str path = arena_strf(room, "%s/" STR_FMT, folder, STR_ARG(c->secret_credential));
        TRY(read_secret_file(path.p, room, &text, why));
    } else {
        return OK;
    }
    secret_lines(text, room, ret);
    return ret->n > 0 ? OK : error_set(why, "its secret is empty");
}

status inlet_secret(const char *path, struct arena *room, str *ret, struct error *why)
{
    TRY(read_secret_file(path, room, ret, why));
    *ret = str_trim(*ret);
    return ret->n > 0 ? OK : error_set(why, "%s is empty", path);
}

static status read_service(const struct config_source *c, struct arena *room,
                           struct inlet_feed *ret, struct error *why)
{
    ret->url = arena_str(room, c->url).p;
    if (!fetch_knows(c->kind)) {
        return error_set(why, STR_FMT " cannot be asked at an address: leave out url",
                         STR_ARG(c->kind));
    }
    return c->token_file.n > 0
               ? inlet_secret(arena_str(room, c->token_file).p, room, &ret->token, why)
               : OK;
}

static status read_feed(const struct config_source *c, bool trusted, struct arena *room,
                        struct inlet_feed *ret, bool *ret_wanted, struct error *why)
{
    *ret = (struct inlet_feed){.name = arena_str(room, c->name),
                               .kind = arena_str(room, c->kind),
                               .hook = hook_by_name(c->kind),
                               .interval = c->poll > 0 ? c->poll : MINUTE};
    *ret_wanted = ret->hook != NULL || str_eq(c->kind, STR("git"));
    if (!*ret_wanted) { /* files are imported, not sent */
        return OK;
    }
    if (c->path.n > 0) {
        ret->path = arena_str(room, c->path).p;
    }
    if (ret->hook == NULL) {
        ret->pushed = true; /* mined once at the beginning */
        return ret->path != NULL ? OK : error_set(why, "it has no path");
    }
    TRY(read_secrets(c, room, &ret->secrets, why));
    ret->open = ret->secrets.n == 0 && !ret->hook->signs && trusted;
    if (c->url.n > 0) {
        TRY(read_service(c, room, ret, why));
    }
    if (ret->secrets.n == 0 && !ret->open && ret->url == NULL) {
        error_set(why, "it has no secret, so that nobody could tell who sends");
        error_hint(why, "add secret_file: with the secret that %s signs with", ret->hook->title);
        return FAIL;
    }
    if (c->map.n > 0) {
        TRY(mapping_open(arena_str(room, c->map).p, &ret->mapping, why));
    } else if (str_eq(ret->kind, STR("mapped"))) {
        return error_set(why, "a mapped source needs map: FILE");
    }
    return OK;
}

status inlet_feeds_read(const struct config *config, bool trusted, struct inlet_feeds **ret,
                        struct error *why)
{
    struct inlet_feeds *f = mem_get(sizeof *f);
    arena_init(&f->text, "sources", 0);
    f->link_pattern = arena_str(&f->text, config->link_pattern);
    for (size_t i = 0; i < config->sources.n; i++) {
        const struct config_source *c = &config->sources.v[i];
        struct inlet_feed feed;
        bool wanted = false;
        status_code s = read_feed(c, trusted, &f->text, &feed, &wanted, why);
        if (s == OK && wanted && inlet_feeds_find(f, feed.name) != NULL) {
            s = error_set(why, "there are two sources of this name");
            error_hint(why, "give each a name: of its own");
        }
        if (s != OK) {
            if (wanted) {
                mapping_close(feed.mapping);
            }
            error_add(why, "%s:%d: source \"" STR_FMT "\"",
                      c->origin.file != NULL ? c->origin.file : "weir.yaml", c->origin.line,
                      STR_ARG(c->name));
            inlet_feeds_free(f);
            return s;
        }
        if (wanted) {
            VEC_ADD(&f->v, feed);
        }
    }
    *ret = f;
    return OK;
}

void inlet_feeds_free(struct inlet_feeds *f)
{
    if (f == NULL) {
        return;
    }
    for (size_t i = 0; i < f->v.n; i++) {
        mapping_close(f->v.v[i].mapping);
    }
    VEC_FINISH(&f->v);
    arena_finish(&f->text);
    mem_put(f);
}

struct inlet_feed *inlet_feeds_find(const struct inlet_feeds *f, str name)
{
    for (size_t i = 0; f != NULL && i < f->v.n; i++) {
        if (str_eq(f->v.v[i].name, name)) {
            return &f->v.v[i];
        }
    }
    return NULL;
}

/* --- counting -------------------------------------------------------------------------------- */

static const str TALLIES = STR_INIT("inlet/sources");

struct inlet_tally *inlet_tally_of(struct inlet_tallies *t, str name)
{
    for (size_t i = 0; i < t->v.n; i++) {
        if (str_eq(t->v.v[i].name, name)) {
            return &t->v.v[i];
        }
    }
    VEC_ADD(&t->v, (struct inlet_tally){.name = arena_str(&t->text, name),
                                        .received = WHEN_NONE,
                                        .stored = WHEN_NONE,
                                        .latest = WHEN_NONE});
    return &t->v.v[t->v.n - 1];
}

/* Numbers by the names they have in the document. */
struct tally_field {
    const char *name;
    size_t at;
};
#define FIELD(name)                                                                                \
    {                                                                                              \
#name, offsetof(struct inlet_tally, name)                                                  \
    }
static const struct tally_field FIELDS[] = {
    FIELD(deliveries), FIELD(repeated), FIELD(refused),  FIELD(events), FIELD(duplicates),
    FIELD(rejected),   FIELD(unmapped), FIELD(received), FIELD(stored), FIELD(latest),
};
enum { FIELD_COUNT = sizeof FIELDS / sizeof *FIELDS };

status inlet_tallies_load(struct store *store, struct inlet_tallies *ret, struct error *why)
{
    struct buf text = {0};
    status_code s = store_get(store, TALLIES, &text, why);
    json_t *doc = NULL;
    struct error damaged = {0}; /* counts alone are no reason not to start */
    if (s == OK && text.n > 0 && json_parse(buf_str(&text), 0, "counts", &doc, &damaged) == OK) {
        const char *name;
        json_t *one;
        json_object_foreach(doc, name, one)
        {
            struct inlet_tally *t = inlet_tally_of(ret, str_of(name));
            for (size_t i = 0; i < FIELD_COUNT; i++) {
                int64_t n = 0;
                if (json_get_i64(one, FIELDS[i].name, &n)) {
                    memcpy((char *)t + FIELDS[i].at, &n, sizeof n);
                }
            }
        }
    }
    json_decref(doc);
    buf_finish(&text);
    return s;
}

status inlet_tallies_save(struct store *store, const struct inlet_tallies *t, struct error *why)
{
    json_t *doc = json_object();
    for (size_t i = 0; i < t->v.n; i++) {
        json_t *one = json_object();
        for (size_t k = 0; k < FIELD_COUNT; k++) {
            int64_t n;
            memcpy(&n, (const char *)&t->v.v[i] + FIELDS[k].at, sizeof n);
            json_object_set_new(one, FIELDS[k].name, json_integer(n));
        }
        json_object_setn_new(doc, t->v.v[i].name.p, t->v.v[i].name.n, one);
    }
    char *text = json_dumps(doc, JSON_COMPACT);
    json_decref(doc);
    if (text == NULL) {
        return error_set(why, "the counts of the sources could not be written");
    }
    status_code s = store_put(store, TALLIES, str_of(text), why);
    free(text);
    return s;
}

void inlet_tallies_finish(struct inlet_tallies *t)
{
    VEC_FINISH(&t->v);
    arena_finish(&t->text);
}
