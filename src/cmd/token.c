/* weir token: who may ask a server that others can reach. */
#include "serve/token.h"
#include "cmd/command.h"

static const struct argument ARGUMENTS[] = {
    {.name = "create|list|revoke", .purpose = "what to do"},
    {.name = "NAME",
     .purpose = "what the token is for; to revoke, its name or its id",
     .optional = true},
    {0},
};

static const struct option OPTIONS[] = {
    {OPTION_VALUE, "scope", 0, "read|ingest|admin",
     "create: documents, writing events, or everything; default read", NULL, 0},
    {OPTION_VALUE, "source", 0, "SOURCE", "create: an ingest token for this source alone",
     "sources", 0},
    {OPTION_VALUE, "expires", 0, "DURATION", "create: for how long: 90d; default for ever", NULL,
     0},
    {OPTION_FLAG, "yes", 0, NULL, "revoke without asking", NULL, 0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir token create wall --scope read --expires 90d", "for a screen on the wall"},
    {"weir token list", "which there are, and when each was last used"},
    {"weir token revoke wall --yes", "it opens nothing from now on"},
    {0},
};

static status load(struct command_context *c, enum store_mode mode, struct store **ret_store,
                   struct tokens *ret, struct error *why)
{
    struct buf text = {0};
    TRY(command_store(c, mode, ret_store, why));
    status_code s = store_get(*ret_store, TOKEN_KEY, &text, why);
    if (s == OK) {
        s = tokens_parse(buf_str(&text), ret, why);
    }
    buf_finish(&text);
    return s;
}

static status keep(struct store *store, const struct tokens *t, struct error *why)
{
    struct buf text = {0};
    tokens_write(t, &text);
    status_code s = store_put(store, TOKEN_KEY, buf_str(&text), why);
    buf_finish(&text);
    return s == OK ? store_commit(store, why) : s;
}

static json_t *token_json(const struct token *t)
{
    json_t *one = json_object();
    doc_put(one, "id", json_string(t->id));
    doc_put(one, "name", doc_str(t->name));
    doc_put(one, "scope", json_string(scope_word(t->scope)));
    doc_put(one, "source", t->source.n > 0 ? doc_str(t->source) : json_null());
    doc_put(one, "created", doc_when(t->created));
    doc_put(one, "expires", doc_when(t->expires));
    doc_put(one, "used", doc_when(t->used));
    return one;
}

static status create(struct command_context *c, struct error *why)
{
    struct store *store = NULL;
    struct tokens tokens = {0};
    enum scope scope = SCOPE_READ;
    char text[TOKEN_TEXT + 1];
    lapse length = 0;
    str word = option_str(c, "scope"), source = option_str(c, "source");
    status_code s;
    if (word.n > 0 && !scope_read(word, &scope)) {
        return error_set(why, "--scope: \"" STR_FMT "\" is none of read, ingest, admin",
                         STR_ARG(word));
    }
    if (source.n > 0 && (scope != SCOPE_INGEST || source.n > 60)) {
        error_set(why, "--source belongs to --scope ingest, and is a name of at most 60 bytes");
        error_id(why, "E1002");
        return FAIL;
    }
    TRY(option_lapse(c, "expires", 0, &length, why));
    if (option_given(c, "expires") && length <= 0) {
        return error_set(why, "--expires: a token that is over at once opens nothing");
    }
    when expires = option_given(c, "expires") ? c->world.now + length : WHEN_NONE;
    TRY_GOTO(s, done, load(c, STORE_WRITE, &store, &tokens, why));
    TRY_GOTO(
        s, done,
        token_create(&tokens, argument_at(c, 1), scope, source, c->world.now, expires, text, why));
    TRY_GOTO(s, done, keep(store, &tokens, why));
    if (command_wants_json(c)) {
        json_t *doc = doc_new("weir.token/1");
        doc_put(doc, "token", json_string(text));
        doc_put(doc, "tokens", json_array());
        json_array_append_new(json_object_get(doc, "tokens"),
                              token_json(&tokens.v.v[tokens.v.n - 1]));
        doc_end(doc);
        command_document(c, doc);
    } else {
        static const struct table_column COLUMNS[] = {{"token", "token", CELL_TEXT, 0, 0}};
        if (command_wants_words(c)) { /* never cut */
            command_say(c, "%s", text);
            command_note(c, "this is shown once; who has it has the scope %s", scope_word(scope));
        } else {
            struct table *t = table_new(COLUMNS, 1);
            table_text(t, str_of(text));
            command_table(c, t);
        }
    }
done:
    tokens_finish(&tokens);
    command_store_done(c, store);
    return s;
}

static void show(struct command_context *c, const struct tokens *tokens)
{
    static const struct table_column COLUMNS[] = {
        {"id", "id", CELL_TEXT, 0, 0},           {"name", "name", CELL_TEXT, 0, 0},
        {"scope", "scope", CELL_TEXT, 0, 0},     {"source", "source", CELL_TEXT, 0, 4},
        {"created", "created", CELL_WHEN, 0, 3}, {"expires", "expires", CELL_WHEN, 0, 1},
        {"last used", "used", CELL_WHEN, 0, 2},
    };
    if (command_wants_json(c)) {
        json_t *doc = doc_new("weir.token/1"), *list = json_array();
        for (size_t i = 0; i < tokens->v.n; i++) {
            json_array_append_new(list, token_json(&tokens->v.v[i]));
        }
        doc_put(doc, "tokens", list);
        doc_end(doc);
        command_document(c, doc);
        return;
    }
    struct table *t = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    for (size_t i = 0; i < tokens->v.n; i++) {
        const struct token *k = &tokens->v.v[i];
        table_text(t, str_of(k->id));
        table_text(t, k->name);
        table_text(t, str_of(scope_word(k->scope)));
        table_text(t, k->source);
        table_when(t, k->created);
        table_when(t, k->expires);
        table_when(t, k->used);
    }
    command_table(c, t);
    if (tokens->v.n == 0) {
        command_say(c, "there is no token");
    }
}

static status list(struct command_context *c, struct error *why)
{
    struct store *store = NULL;
    struct tokens tokens = {0};
    status_code s = load(c, STORE_READ, &store, &tokens, why);
    if (s == OK) {
        show(c, &tokens);
    }
    tokens_finish(&tokens);
    command_store_done(c, store);
    return s;
}

/* END: there is no such token. */
static status revoke(struct command_context *c, struct error *why)
{
    struct store *store = NULL;
    struct tokens tokens = {0};
    struct buf question = {0};
    bool many = false;
    status_code s;
    TRY_GOTO(s, done, load(c, STORE_READ, &store, &tokens, why));
    struct token *one = token_named(&tokens, argument_at(c, 1), &many);
    if (many) {
        s = error_set(why, "several tokens are called \"" STR_FMT "\": give the id",
                      STR_ARG(argument_at(c, 1)));
        error_hint(why, "weir token list shows them");
        goto done;
    }
    if (one == NULL) {
        (void)error_set(why, "no token is called \"" STR_FMT "\"", STR_ARG(argument_at(c, 1)));
        error_hint(why, "weir token list shows them");
        s = END;
        goto done;
    }
    buf_addf(&question, "Revoke " STR_FMT " (%s)?", STR_ARG(one->name), one->id);
    if (!option_flag(c, "yes") && !command_ask(c, buf_cstr(&question), false)) {
        s = error_set(why, "nothing was revoked: nobody said yes");
        error_hint(why, "Without a question:  weir token revoke NAME --yes");
        goto done;
    }
    tokens_finish(&tokens);
    command_store_done(c, store);
    store = NULL;
    TRY_GOTO(s, done, load(c, STORE_WRITE, &store, &tokens, why));
    one = token_named(&tokens, argument_at(c, 1), &many);
    if (one != NULL) {
        token_revoke(&tokens, one);
        TRY_GOTO(s, done, keep(store, &tokens, why));
    }
    show(c, &tokens);
done:
    buf_finish(&question);
    tokens_finish(&tokens);
    command_store_done(c, store);
    return s;
}

static int run(struct command_context *c)
{
    struct error why = {0};
    str word = argument_at(c, 0), name = argument_at(c, 1);
    bool lists = str_eq(word, STR("list"));
    status_code s;
    if (!lists && !str_eq(word, STR("create")) && !str_eq(word, STR("revoke"))) {
        return command_usage(c, "\"" STR_FMT "\" is none of create, list, revoke", STR_ARG(word));
    }
    if (lists != (name.n == 0)) {
        return command_usage(c, lists ? "list takes no name" : "which token? Give it a NAME");
    }
    if (name.n > 100) {
        return command_usage(c, "a name has at most 100 bytes");
    }
    s = lists ? list(c, &why) : str_eq(word, STR("create")) ? create(c, &why) : revoke(c, &why);
    if (s == END) {
        (void)command_fail(c, FAIL, &why);
        return EXIT_NO;
    }
    return s == OK ? EXIT_YES : command_fail(c, s, &why);
}

const struct command COMMAND_TOKEN = {
    .name = "token",
    .purpose = "make, list and revoke access tokens of the server",
    .description =
        "While there is no token, everybody on this machine may ask a server that listens on\n"
        "loopback. With the first token everybody needs one, sent as\n"
        "Authorization: Bearer weir_…, never in an address. The store keeps a digest of each, so\n"
        "a token is shown once, when it is made. Revoking and expiring count at once.",
    .arguments = ARGUMENTS,
    .options = OPTIONS,
    .examples = EXAMPLES,
    .fields = "token: create: the token itself\n"
              "tokens: id, name, scope, source, created, expires, used (the day of last use)",
    .group = GROUP_DATA,
    .flags = COMMAND_STORE | COMMAND_ANSWERS,
    .run = run,
};
