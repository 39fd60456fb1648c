/* An event log in XES to events, against expat alone with empty handlers on the same bytes. */
#include "bench.h"
#include "generate.h"

#include "source/source.h"

#include <expat.h>
#include <fcntl.h>
#include <unistd.h>

struct reading {
    const char *path;
    uint64_t n;
};

static status_code ours(void *cookie, struct error *why)
{
    const struct reading *r = cookie;
    struct names names;
    struct source *source = NULL;
    struct batch *b = batch_new();
    names_init(&names);
    struct source_options options = {.names = &names};
    uint64_t n = 0;
    status_code s = SOURCE_XES.open(&r->path, 1, &options, &source, why);
    while (s == OK) {
        batch_clear(b);
        s = SOURCE_XES.next(source, b, why);
        n += b->n;
    }
    if (s == END) {
        s = n == r->n ? OK : error_set(why, "%zu events were read", (size_t)n);
    }
    if (source != NULL) {
        SOURCE_XES.close(source);
    }
    batch_free(b);
    names_finish(&names);
    return s;
}

static void XMLCALL begin(void *user, const XML_Char *name, const XML_Char **attributes)
{
    (void)user, (void)name, (void)attributes;
}

static void XMLCALL end(void *user, const XML_Char *name)
{
    (void)user, (void)name;
}

static status_code theirs(void *cookie, struct error *why)
{
    enum { CHUNK = 256 << 10 };
    const struct reading *r = cookie;
    XML_Parser parser = XML_ParserCreate(NULL);
    XML_SetElementHandler(parser, begin, end);
    int file = open(r->path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 1;
    while (n > 0) {
        void *room = XML_GetBuffer(parser, CHUNK);
        n = room != NULL && file >= 0 ? read(file, room, CHUNK) : -1;
        if (n >= 0 && XML_ParseBuffer(parser, (int)n, n == 0) != XML_STATUS_OK) {
            n = -1;
        }
    }
    close(file);
    XML_ParserFree(parser);
    return n == 0 ? OK : error_set(why, "expat fails");
}

int main(int argc, char **argv)
{
    struct bench b;
    struct error why = {0};
    bench_open(&b, argc, argv);
    struct reading r = {bench_path(&b, "events.xes"), bench_size(&b, 1000000, 5000)};
    status_code s = generate_xes(r.path, r.n, &why);
    bench_check(&b, s, &why);
    if (s == OK) {
        bench_compare(&b, &(struct bench_pair){.name = "xes",
                                               .peer = "expat alone, empty handlers",
                                               .what = "an XES file to events in batches",
                                               .goal = 2,
                                               .n = r.n,
                                               .ours = ours,
                                               .theirs = theirs,
                                               .ours_cookie = &r,
                                               .peer_cookie = &r});
    }
    unlink(r.path);
    return bench_close(&b);
}
