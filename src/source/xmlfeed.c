#include "source/xmlfeed.h"

#include "base/mem.h"
#include "base/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK = 256 << 10, CONTEXT = 400 };

struct xmlfeed {
    XML_Parser parser;
    struct stream *stream;
    struct xmlfeed_handlers handlers;
    void *user;
    uint64_t given;
    int depth;
    bool rooted, paused, refused, ended, suspended;
    struct error refusal;
    char broken[300];
};

static void XMLCALL on_begin(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct xmlfeed *f = user;
    if (f->refused) {
        return;
    }
    f->rooted = true;
    if (++f->depth > XMLFEED_DEPTH) {
        xmlfeed_refuse(f, "elements are nested more than %d levels deep", XMLFEED_DEPTH);
        return;
    }
    f->handlers.begin(f->user, name, attributes);
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
    struct xmlfeed *f = user;
    if (!f->refused) {
        f->depth--;
        f->handlers.end(f->user, name);
    }
}

static void XMLCALL on_text(void *user, const XML_Char *text, int n)
{
    struct xmlfeed *f = user;
    if (!f->refused) {
        f->handlers.text(f->user, text, n);
    }
}

static void XMLCALL on_entity(void *user, const XML_Char *name, int is_parameter,
                              const XML_Char *value, int n, const XML_Char *base,
                              const XML_Char *system, const XML_Char *public,
                              const XML_Char *notation)
{
    (void)is_parameter, (void)value, (void)n, (void)base, (void)system, (void)public,
        (void)notation;
    xmlfeed_refuse(user,
                   "the document type declares the entity \"%.60s\": refused, since entities "
                   "can be made to expand without end",
                   name);
}

struct xmlfeed *xmlfeed_new(struct stream *s, const struct xmlfeed_handlers *handlers, void *user)
{
    struct xmlfeed *f = mem_get(sizeof *f);
    f->stream = s;
    f->handlers = *handlers;
    f->user = user;
    f->parser = XML_ParserCreate(NULL);
    if (f->parser == NULL) {
        mem_put(f);
        return NULL;
    }
    XML_SetUserData(f->parser, f);
    XML_SetElementHandler(f->parser, on_begin, on_end);
    if (handlers->text != NULL) {
        XML_SetCharacterDataHandler(f->parser, on_text);
    }
    XML_SetEntityDeclHandler(f->parser, on_entity);
    return f;
}

void xmlfeed_free(struct xmlfeed *f)
{
    if (f != NULL) {
        XML_ParserFree(f->parser);
        mem_put(f);
    }
}

const char *xmlfeed_broken(const struct xmlfeed *f)
{
    return f->broken[0] != '\0' ? f->broken : NULL;
}

uint64_t xmlfeed_line(const struct xmlfeed *f)
{
    return XML_GetCurrentLineNumber(f->parser);
}

str xmlfeed_context(const struct xmlfeed *f)
{
    int at = 0, n = 0;
    const char *text = XML_GetInputContext(f->parser, &at, &n);
    if (text == NULL || at < 0 || at > n) {
        return (str){0};
    }
    return str_first((str){text + at, (size_t)(n - at)}, CONTEXT);
}

void xmlfeed_pause(struct xmlfeed *f)
{
    if (!f->refused && !f->paused) {
        f->paused = true;
        XML_StopParser(f->parser, XML_TRUE);
    }
}

void xmlfeed_refuse(struct xmlfeed *f, const char *format, ...)
{
    if (f->refused) {
        return;
    }
    f->refused = true;
    struct buf reason = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&reason, format, arguments);
    va_end(arguments);
    error_set(&f->refusal, "%s: line %llu: %s", stream_name(f->stream),
              (unsigned long long)xmlfeed_line(f), buf_cstr(&reason));
    buf_finish(&reason);
    XML_StopParser(f->parser, XML_FALSE);
}

/* What expat says when it stops, sorted into the three kinds of end. */
static status stopped(struct xmlfeed *f, struct error *why)
{
    if (f->refused) {
        if (why != NULL) {
            *why = f->refusal;
        }
        return FAIL;
    }
    const char *reason = XML_ErrorString(XML_GetErrorCode(f->parser));
    const char *cut = stream_broken(f->stream);
    if (!f->rooted) {
        return error_set(why, "%s: line %llu: this is no XML that can be read: %s",
                         stream_name(f->stream), (unsigned long long)xmlfeed_line(f),
                         cut != NULL ? cut : reason);
    }
    snprintf(f->broken, sizeof f->broken, "the XML is broken: %s", reason);
    if (f->ended) {
        snprintf(f->broken, sizeof f->broken, "the XML breaks off%s%s", cut != NULL ? ": " : "",
                 cut != NULL ? cut : "");
    }
    return END;
}

static status after(struct xmlfeed *f, enum XML_Status result, struct error *why)
{
    f->suspended = result == XML_STATUS_SUSPENDED;
    if (result == XML_STATUS_ERROR) {
        return stopped(f, why);
    }
    if (f->suspended) {
        return OK;
    }
    XML_Index begun = XML_GetCurrentByteIndex(f->parser);
    if (begun >= 0 && f->given - (uint64_t)begun > XMLFEED_TOKEN) {
        return error_set(why, "%s: line %llu: a single tag or text is longer than %d MiB: refused",
                         stream_name(f->stream), (unsigned long long)xmlfeed_line(f),
                         XMLFEED_TOKEN >> 20);
    }
    if (f->ended && stream_broken(f->stream) != NULL) { /* a whole document, but not a whole file */
        snprintf(f->broken, sizeof f->broken, "%s", stream_broken(f->stream));
    }
    return f->ended ? END : OK;
}

status xmlfeed_run(struct xmlfeed *f, struct error *why)
{
    if (interrupt_signal() != 0) {
        return INTERRUPTED;
    }
    f->paused = false;
    if (f->suspended) {
        return after(f, XML_ResumeParser(f->parser), why);
    }
    void *room = XML_GetBuffer(f->parser, CHUNK);
    if (room == NULL) {
        return error_set(why, "%s: expat has no memory", stream_name(f->stream));
    }
    size_t n = 0;
    status_code done = stream_read(f->stream, room, CHUNK, &n, why);
    if (done != OK && done != END) {
        return done;
    }
    f->ended = done == END;
    f->given += n;
    return after(f, XML_ParseBuffer(f->parser, (int)n, f->ended), why);
}

const char *xmlfeed_local(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

const char *xmlfeed_attribute(const char **attributes, const char *name)
{
    for (; *attributes != NULL; attributes += 2) {
        if (strcmp(*attributes, name) == 0) {
            return attributes[1];
        }
    }
    return NULL;
}
