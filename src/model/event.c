#include "model/event.h"

#include "base/mem.h"

#include <assert.h>

enum { RAW_KEPT = 1000 };

struct batch *batch_new(void)
{
    struct batch *b = mem_get(sizeof *b);
    arena_init(&b->text, "batch", 0);
    return b;
}

void batch_free(struct batch *b)
{
    if (b != NULL) {
        VEC_FINISH(&b->items);
        VEC_FINISH(&b->links);
        VEC_FINISH(&b->item_attrs);
        VEC_FINISH(&b->rejects);
        arena_finish(&b->text);
        mem_put(b);
    }
}

void batch_clear(struct batch *b)
{
    arena_clear(&b->text);
    b->n = b->items.n = b->links.n = b->item_attrs.n = b->rejects.n = 0;
}

bool batch_has_room(const struct batch *b, size_t events)
{
    return b->n + events <= BATCH_ROWS;
}

uint32_t batch_add(struct batch *b, const struct event *e)
{
    assert(b->n < BATCH_ROWS);
    size_t i = b->n++;
    b->key[i] = e->key;
    b->item[i] = e->item;
    b->type[i] = e->type;
    b->activity[i] = e->activity;
    b->instance[i] = e->instance;
    b->actor[i] = e->actor;
    b->team[i] = e->team;
    b->time[i] = e->time;
    b->begin[i] = e->begin;
    b->life[i] = e->life;
    b->quality[i] = e->quality;
    b->attrs[i] = e->attrs.n > 0 ? arena_str(&b->text, e->attrs) : (str){0};
    return (uint32_t)i;
}

void batch_refer(struct batch *b, uint32_t row, item_id item, sym qualifier)
{
    assert(row < b->n);
    VEC_ADD(&b->items, (struct further_item){row, item, qualifier});
}

void batch_link(struct batch *b, struct link link)
{
    VEC_ADD(&b->links, link);
}

void batch_reject(struct batch *b, struct reject r)
{
    VEC_ADD(&b->rejects, (struct reject){
                             .source = arena_str(&b->text, r.source),
                             .line = r.line,
                             .column = arena_str(&b->text, r.column),
                             .reason = arena_str(&b->text, r.reason),
                             .raw = arena_str(&b->text, str_first(r.raw, RAW_KEPT)),
                         });
}

struct log batch_log(const struct batch *b)
{
    return (struct log){
        .n = b->n,
        .key = b->key,
        .item = b->item,
        .type = b->type,
        .activity = b->activity,
        .instance = b->instance,
        .actor = b->actor,
        .team = b->team,
        .time = b->time,
        .begin = b->begin,
        .life = b->life,
        .quality = b->quality,
        .attrs = b->attrs,
    };
}

static const struct {
    str word;
    enum life life;
} LIFE_WORDS[] = {
    {STR_INIT("schedule"), LIFE_SCHEDULE},   {STR_INIT("assign"), LIFE_SCHEDULE},
    {STR_INIT("reassign"), LIFE_OTHER},      {STR_INIT("start"), LIFE_START},
    {STR_INIT("suspend"), LIFE_SUSPEND},     {STR_INIT("resume"), LIFE_RESUME},
    {STR_INIT("complete"), LIFE_COMPLETE},   {STR_INIT("autoskip"), LIFE_COMPLETE},
    {STR_INIT("manualskip"), LIFE_COMPLETE}, {STR_INIT("withdraw"), LIFE_CANCEL},
    {STR_INIT("ate_abort"), LIFE_CANCEL},    {STR_INIT("pi_abort"), LIFE_CANCEL},
    {STR_INIT("unknown"), LIFE_OTHER},
};

bool life_is_standard(str word)
{
    for (size_t i = 0; i < sizeof LIFE_WORDS / sizeof *LIFE_WORDS; i++) {
        if (str_eq_case(word, LIFE_WORDS[i].word)) {
            return true;
        }
    }
    return false;
}

enum life life_of(str word)
{
    if (word.n == 0) {
        return LIFE_NONE;
    }
    for (size_t i = 0; i < sizeof LIFE_WORDS / sizeof *LIFE_WORDS; i++) {
        if (str_eq_case(word, LIFE_WORDS[i].word)) {
            return LIFE_WORDS[i].life;
        }
    }
    return LIFE_STATUS;
}
