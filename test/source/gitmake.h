/* Small repositories for tests, written object by object, so that any oddity can be had, and the
 * story that an import tells of them. Hours count from 2020-01-01 00:00 UTC. */
#pragma once

#include "base/buf.h"
#include "base/mem.h"
#include "source/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <git2.h>

enum { MAKE_LABELS = 64 };
static const int64_t MAKE_BEGIN = 1577836800;
#define MAKE_EMPTY_TREE "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

struct make {
    char path[256];
    git_repository *repo;
    git_odb *odb;
    struct {
        char name[16];
        git_oid id;
    } labels[MAKE_LABELS];
    size_t label_n;
    git_oid tree; /* of the next commits */
};

static inline void make_remove(const char *path)
{
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    assert_int_equal(system(command), 0);
}

static inline git_oid make_object(struct make *m, git_object_t type, const void *bytes, size_t n)
{
    git_oid id;
    assert_int_equal(git_odb_write(&id, m->odb, bytes, n, type), 0);
    return id;
}

/* A tree with one file in it. */
static inline git_oid make_entry(struct make *m, const char *name, git_oid blob)
{
    struct buf b = {0};
    buf_addf(&b, "100644 %s", name);
    buf_putc(&b, '\0');
    buf_add_bytes(&b, blob.id, GIT_OID_RAWSZ);
    git_oid id = make_object(m, GIT_OBJECT_TREE, b.p, b.n);
    buf_finish(&b);
    return id;
}

static inline git_oid make_file(struct make *m, const char *name, const char *text)
{
    return make_entry(m, name, make_object(m, GIT_OBJECT_BLOB, text, strlen(text)));
}

static inline void make_open(struct make *m, bool bare)
{
    git_libgit2_init();
    memset(m, 0, sizeof *m);
    snprintf(m->path, sizeof m->path, "%s/weir-git-XXXXXX",
             getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(m->path));
    git_repository_init_options o;
    git_repository_init_options_init(&o, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    o.flags = GIT_REPOSITORY_INIT_MKPATH | (bare ? (uint32_t)GIT_REPOSITORY_INIT_BARE : 0);
    o.initial_head = "main";
    assert_int_equal(git_repository_init_ext(&m->repo, m->path, &o), 0);
    assert_int_equal(git_repository_odb(&m->odb, m->repo), 0);
    m->tree = make_object(m, GIT_OBJECT_TREE, "", 0);
}

static inline void make_close(struct make *m)
{
    git_odb_free(m->odb);
    git_repository_free(m->repo);
    make_remove(m->path);
    git_libgit2_shutdown();
}

static inline void make_label(struct make *m, const char *label, git_oid id)
{
    assert_true(m->label_n < MAKE_LABELS);
    snprintf(m->labels[m->label_n].name, sizeof m->labels[0].name, "%s", label);
    m->labels[m->label_n++].id = id;
}

static inline git_oid make_id(struct make *m, const char *label)
{
    for (size_t i = 0; i < m->label_n; i++) {
        if (strcmp(m->labels[i].name, label) == 0) {
            return m->labels[i].id;
        }
    }
    fail_msg("no commit %s", label);
    return (git_oid){{0}};
}

static inline const char *make_hex(struct make *m, const char *label)
{
    static char hex[GIT_OID_HEXSZ + 1];
    git_oid id = make_id(m, label);
    return git_oid_tostr(hex, sizeof hex, &id);
}

/* A commit with the author and committer lines as they are given. Parents: labels, with blanks
 * between them. */
static inline void make_raw(struct make *m, const char *label, const char *parents,
                            const char *author, const char *committer, const char *message)
{
    struct buf b = {0};
    char hex[GIT_OID_HEXSZ + 1];
    buf_addf(&b, "tree %s\n", git_oid_tostr(hex, sizeof hex, &m->tree));
    str rest = str_of(parents), parent;
    while (rest.n > 0 && str_cut(&rest, ' ', &parent)) {
        char name[16];
        snprintf(name, sizeof name, STR_FMT, STR_ARG(parent));
        buf_addf(&b, "parent %s\n", make_hex(m, name));
    }
    buf_addf(&b, "author %s\ncommitter %s\n\n%s\n", author, committer, message);
    make_label(m, label, make_object(m, GIT_OBJECT_COMMIT, b.p, b.n));
    buf_finish(&b);
}

/* Written at hour `authored`, committed at hour `committed`. */
static inline void make_commit(struct make *m, const char *label, const char *parents, int authored,
                               int committed, const char *message)
{
    char author[128], committer[128];
    snprintf(author, sizeof author, "Ann <ann@example.org> %lld +0100",
             (long long)(MAKE_BEGIN + authored * 3600LL));
    snprintf(committer, sizeof committer, "Bob <bob@example.org> %lld -0500",
             (long long)(MAKE_BEGIN + committed * 3600LL));
    make_raw(m, label, parents, author, committer, message);
}

static inline void make_ref(struct make *m, const char *name, const char *label)
{
    git_oid id = make_id(m, label);
    git_reference *ref;
    assert_int_equal(git_reference_create(&ref, m->repo, name, &id, 1, NULL), 0);
    git_reference_free(ref);
}

/* An annotated tag, made at `hour`. */
static inline void make_tag(struct make *m, const char *name, const char *label, int hour)
{
    struct buf b = {0};
    buf_addf(&b, "object %s\ntype commit\ntag %s\ntagger Rel <rel@example.org> %lld +0000\n\nx\n",
             make_hex(m, label), name, (long long)(MAKE_BEGIN + hour * 3600LL));
    git_oid id = make_object(m, GIT_OBJECT_TAG, b.p, b.n);
    buf_finish(&b);
    char full[128];
    snprintf(full, sizeof full, "refs/tags/%s", name);
    git_reference *ref;
    assert_int_equal(git_reference_create(&ref, m->repo, full, &id, 1, NULL), 0);
    git_reference_free(ref);
}

struct story {
    struct buf events; /* "<hour> <type> <label or key> <activity> <attrs>[ bad| derived]" a line */
    struct buf links;  /* "<from> <kind> <to> <rule> <confidence>" a line */
    struct buf cursor, notes, rejects;
    struct names names;
    VEC(id128) keys;
    size_t disorder;
    struct error why;
    status_code result;
};

static inline void story_finish(struct story *s)
{
    buf_finish(&s->events);
    buf_finish(&s->links);
    buf_finish(&s->cursor);
    buf_finish(&s->notes);
    buf_finish(&s->rejects);
    VEC_FINISH(&s->keys);
    names_finish(&s->names);
}

static inline const char *story_name(struct make *m, const struct names *n, item_id item,
                                     char text[64])
{
    str key = names_key(n, item);
    snprintf(text, 64, STR_FMT, STR_ARG(key));
    for (size_t i = 0; m != NULL && i < m->label_n; i++) {
        char hex[GIT_OID_HEXSZ + 1];
        if (strcmp(git_oid_tostr(hex, sizeof hex, &m->labels[i].id), text) == 0) {
            return m->labels[i].name;
        }
    }
    return text;
}

static inline void story_batch(struct story *s, struct make *m, const struct batch *b, when *last)
{
    char a[64], c[64];
    for (size_t i = 0; i < b->n; i++) {
        s->disorder += b->time[i] < *last;
        *last = b->time[i];
        VEC_ADD(&s->keys, b->key[i]);
        buf_addf(&s->events, "%g " STR_FMT " %s " STR_FMT " " STR_FMT "%s\n",
                 (double)(b->time[i] - MAKE_BEGIN * SECOND) / (double)HOUR,
                 STR_ARG(names_text(&s->names, b->type[i])),
                 story_name(m, &s->names, b->item[i], a),
                 STR_ARG(names_text(&s->names, b->activity[i])), STR_ARG(b->attrs[i]),
                 b->quality[i] == TIME_BAD       ? " bad"
                 : b->quality[i] == TIME_DERIVED ? " derived"
                                                 : "");
    }
    for (size_t i = 0; i < b->links.n; i++) {
        const struct link *l = &b->links.v[i];
        buf_addf(&s->links, "%s " STR_FMT " %s " STR_FMT " %g\n",
                 story_name(m, &s->names, l->from, a), STR_ARG(names_text(&s->names, l->kind)),
                 story_name(m, &s->names, l->to, c), STR_ARG(names_text(&s->names, l->rule)),
                 l->confidence);
    }
    for (size_t i = 0; i < b->rejects.n; i++) {
        buf_addf(&s->rejects, STR_FMT "\n", STR_ARG(b->rejects.v[i].reason));
    }
}

/* Imports m->path (or `path`) on top of what `s` already knows (names, cursor); the texts are of
 * this import alone. */
static inline void story_tell(struct story *s, struct make *m, const char *path,
                              struct source_options *options)
{
    struct source_options plain = {0};
    struct source_options *o = options != NULL ? options : &plain;
    struct buf cursor = {0};
    if (s->names.item_n == 0) {
        names_init(&s->names);
    }
    buf_add(&cursor, buf_str(&s->cursor));
    o->names = &s->names;
    o->actor_key = STR("key");
    o->cursor = buf_str(&cursor);
    buf_clear(&s->events);
    buf_clear(&s->links);
    buf_clear(&s->notes);
    buf_clear(&s->rejects);
    s->keys.n = 0;
    s->why = (struct error){0};
    const char *paths[] = {path != NULL ? path : m->path};
    struct source *source = NULL;
    s->result = SOURCE_GIT.open(paths, 1, o, &source, &s->why);
    if (s->result == OK) {
        struct batch *b = batch_new();
        when last = WHEN_NONE;
        do {
            batch_clear(b);
            s->result = SOURCE_GIT.next(source, b, &s->why);
            story_batch(s, m, b, &last);
        } while (s->result == OK);
        batch_free(b);
        for (size_t i = 0; i < source->notes.sentences.n; i++) {
            buf_addf(&s->notes, STR_FMT "\n", STR_ARG(source->notes.sentences.v[i]));
        }
        if (s->result == END) {
            buf_clear(&s->cursor);
            SOURCE_GIT.cursor(source, &s->cursor);
        }
        SOURCE_GIT.close(source);
    }
    buf_finish(&cursor);
}

#define assert_story(s, field, text) assert_string_equal(buf_cstr(&(s)->field), text)
#define assert_noted(s, part)                                                                      \
    do {                                                                                           \
        if (strstr(buf_cstr(&(s)->notes), part) == NULL) {                                         \
            fail_msg("no note \"%s\" in:\n%s", part, buf_cstr(&(s)->notes));                       \
        }                                                                                          \
    } while (0)
