/* Any bytes as what a stranger may send to the server before anybody knows them: an address, a
 * Host, a question through the socket, a compressed body, the list of tokens of a damaged store.
 * The first byte chooses. */
#include "serve/inflate.h"
#include "serve/line.h"
#include "serve/origin.h"
#include "serve/token.h"
#include "serve/uri.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void address(str text)
{
    struct arena a = {0};
    str path = {0};
    const struct http_pair *query = NULL;
    size_t n = 0;
    if (uri_split(text, &a, &path, &query, &n)) {
        struct buf again = {0};
        str second = {0};
        const struct http_pair *more = NULL;
        size_t k = 0;
        assert(path.n > 0 && path.p[0] == '/' && uri_is_utf8(path));
        buf_add(&again, STR("/?"));
        for (size_t i = 0; i < n; i++) { /* what was read can be written, and reads the same */
            buf_add(&again, i > 0 ? STR("&") : STR(""));
            uri_quote(&again, query[i].name);
            buf_putc(&again, '=');
            uri_quote(&again, query[i].value);
        }
        assert(uri_split(buf_str(&again), &a, &second, &more, &k) && k == n);
        for (size_t i = 0; i < n; i++) {
            assert(str_eq(query[i].name, more[i].name) && str_eq(query[i].value, more[i].value));
        }
        buf_finish(&again);
    }
    (void)token_in(text);
    arena_finish(&a);
}

static void host(str text)
{
    str name = origin_host_name(text);
    assert(name.n <= text.n);
    if (origin_host(text, NULL, 0, true)) {
        assert(name.n > 0);
    }
    (void)origin_same(text, STR(""), text);
}

static void question(str text)
{
    struct arena a = {0};
    struct serve_line q;
    arena_init(&a, "question", 1 << 20);
    if (line_read(text, &a, &q)) {
        struct buf out = {0};
        struct serve_line again;
        line_write(&q, &out);
        assert(line_read(buf_str(&out), &a, &again) || a.used >= a.limit / 2);
        buf_finish(&out);
    }
    arena_finish(&a);
}

static void body(str text)
{
    struct inflate f;
    if (inflate_start(&f, text.n % 2 == 0 ? STR("gzip") : STR("deflate"), 1 << 16)) {
        while (text.n > 0 && inflate_more(&f, str_first(text, 7)) == INFLATE_GOES_ON) {
            assert(f.out.n <= 1 << 16);
            text = str_from(text, 7);
        }
        (void)inflate_end(&f);
    }
    inflate_stop(&f);
}

static void tokens(str text)
{
    struct tokens t = {0};
    struct error why = {0};
    struct buf out = {0};
    if (tokens_parse(text, &t, &why) == OK) {
        struct tokens again = {0};
        tokens_write(&t, &out);
        assert(tokens_parse(buf_str(&out), &again, &why) == OK && again.v.n == t.v.n);
        tokens_finish(&again);
    }
    buf_finish(&out);
    tokens_finish(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const KINDS[])(str) = {address, host, question, body, tokens};
    if (size > 0) {
        KINDS[data[0] % 5](str_from((str){(const char *)data, size}, 1));
    }
    return 0;
}
