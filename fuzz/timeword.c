/* Any word: understood or refused, and what is understood keeps its promises. */
#include "engine/timeword.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct zone *zone;
    str word = {(const char *)bytes, n};
    struct error why = {0};
    struct range range;
    struct step step;
    when t = 0;
    lapse length = 0;
    if (zone == NULL && zone_open(STR("Europe/Berlin"), &zone, &why) != OK) {
        return 0;
    }
    struct timeword world = {.now = 1795390200 * SECOND, .zone = zone};
    if (timeword_instant(word, &world, &t, NULL, &why) == OK) {
        assert(t != WHEN_NONE);
    }
    if (timeword_lapse(word, &length, &why) == OK) {
        assert(length >= 0);
    }
    if (timeword_step(word, &step, &why) == OK) {
        assert((step.months > 0) != (step.fixed > 0));
        assert(timeword_add(world.now, step, 3, zone) > world.now);
    }
    if (timeword_range(word, &world, &range, &why) == OK) {
        assert(range.from == WHEN_NONE || range.to == WHEN_NONE || range.from < range.to);
    }
    return 0;
}
