/* For tests of connectors: maps deliveries, and compares what a store would hold afterwards. */
#pragma once

#include "load.h"

#include "source/hook.h"

#include <dirent.h>
#include <ftw.h>

static const struct source_options HOOKING = {.actor_key = STR_INIT("key")};

/* The bytes of a file; the caller finishes them. */
static struct buf hooking_file(const char *path)
{
    struct buf b = {0};
    char room[4096];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    for (size_t n; (n = fread(room, 1, sizeof room, f)) > 0;) {
        buf_add(&b, (str){room, n});
    }
    fclose(f);
    return b;
}

/* A file of our own bodies gives exactly what stands beside it. */
static void hooking_golden(const struct source_format *format, const char *name)
{
    char path[512];
    struct loaded l;
    (void)snprintf(path, sizeof path, FIXTURES "/hooks/%s.ndjson", name);
    load_path(&l, format, path, HOOKING);
    expect_end(&l);
    buf_add(&l.text, buf_str(&l.notes));
    (void)snprintf(path, sizeof path, FIXTURES "/hooks/%s.expected", name);
    struct buf want = hooking_file(path);
    expect_text(&l.text, buf_cstr(&want));
    buf_finish(&want);
    loaded_finish(&l);
}

/* --- deliveries one by one --- */

struct hooking {
    struct loaded l;
    struct source_options options;
    struct hook_run run;
    uint64_t batches;
};

static status_code hooking_take(struct batch *b, void *cookie, struct error *why)
{
    struct hooking *h = cookie;
    (void)why;
    load_batch(&h->l, b);
    h->batches++;
    return OK;
}

static void hooking_begin(struct hooking *h)
{
    *h = (struct hooking){.options = HOOKING};
    names_init(&h->l.names);
    h->options.names = &h->l.names;
    h->run = (struct hook_run){
        .options = &h->options, .batch = batch_new(), .take = hooking_take, .cookie = h};
}

static void hooking_end(struct hooking *h)
{
    struct error why = {0};
    assert_int_equal(hook_run_end(&h->run, &why), OK);
}

static void hooking_finish(struct hooking *h)
{
    batch_free(h->run.batch);
    loaded_finish(&h->l);
}

static void hooking_send(struct hooking *h, const struct hook *hook, const char *event, str body)
{
    const struct hook_header header = {STR_INIT("X-GitHub-Event"), str_of(event)};
    struct delivery d = {.source = str_of(hook->name),
                         .headers = &header,
                         .header_count = event != NULL ? 1 : 0,
                         .body = body,
                         .received = 1772452800 * SECOND}; /* 2026-03-02T12:00:00Z */
    hook->map(&h->run, &d);
}

/* --- what a store would hold: facts once, by their key; relations and attributes as sets --- */

static int hooking_order(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

/* `content` false: of events only which facts they are. The text is the caller's. */
static struct buf hooking_state(const struct loaded *l, bool content)
{
    VEC(str) lines = {0};
    struct arena text = {0};
    struct set128 seen = {0};
    str rest = buf_str(&l->text), line;
    size_t event = 0;
    while (str_cut(&rest, '\n', &line)) {
        if (str_starts(line, STR("E "))) {
            id128 key = l->keys.v[event++];
            if (!set128_add(&seen, key)) {
                continue;
            }
            if (!content) {
                line = arena_strf(&text, "E %016llx%016llx", (unsigned long long)key.hi,
                                  (unsigned long long)key.lo);
            }
        } else if (!content && !str_starts(line, STR("L "))) {
            continue;
        }
        VEC_ADD(&lines, line);
    }
    qsort(lines.v, lines.n, sizeof *lines.v, hooking_order);
    struct buf out = {0};
    for (size_t i = 0; i < lines.n; i++) {
        if (i == 0 || !str_eq(lines.v[i], lines.v[i - 1])) {
            buf_add(&out, lines.v[i]);
            buf_putc(&out, '\n');
        }
    }
    VEC_FINISH(&lines);
    set128_finish(&seen);
    arena_finish(&text);
    return out;
}

/* Bodies of a folder's files, with the event that their folder's name says ("pull_request"). */
struct hooking_body {
    char *path, *event;
};
static VEC(struct hooking_body) hooking_bodies;

static int hooking_walk(const char *path, const struct stat *s, int flag, struct FTW *at)
{
    (void)s;
    const char *name = path + at->base;
    if (flag == FTW_F && str_ends(str_of(name), STR(".json")) &&
        str_find(str_of(name), STR(".headers.")) == strlen(name)) {
        char *copy = strdup(path);
        char *folder = strdup(path);
        folder[at->base - 1] = '\0';
        char *event = strdup(strrchr(folder, '/') + 1);
        free(folder);
        VEC_ADD(&hooking_bodies, (struct hooking_body){copy, event});
    }
    return 0;
}

static int hooking_body_order(const void *a, const void *b)
{
    return strcmp(((const struct hooking_body *)a)->path, ((const struct hooking_body *)b)->path);
}

static void hooking_forget(void)
{
    for (size_t i = 0; i < hooking_bodies.n; i++) {
        free(hooking_bodies.v[i].path);
        free(hooking_bodies.v[i].event);
    }
    VEC_FINISH(&hooking_bodies);
}

/* False: the folder is not here, and that was said. */
static bool hooking_find(const char *folder)
{
    hooking_forget();
    if (!shared_is_here(folder)) {
        return false;
    }
    assert_int_equal(nftw(folder, hooking_walk, 16, FTW_PHYS), 0);
    qsort(hooking_bodies.v, hooking_bodies.n, sizeof *hooking_bodies.v, hooking_body_order);
    return true;
}

__attribute__((unused)) static void hooking_unused(void)
{
    (void)hooking_golden, (void)hooking_begin, (void)hooking_end, (void)hooking_finish,
        (void)hooking_send, (void)hooking_state, (void)hooking_find;
    load_unused();
}
