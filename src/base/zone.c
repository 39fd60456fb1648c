/* ICU's calendar is slow for single questions, so a zone is read once into a table of its offset
 * changes from 1970 to 2100; before and after, the first and last offset hold. */
#include "base/zone.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

struct change {
    when from; /* UTC */
    lapse offset;
};

struct zone {
    VEC(struct change) changes; /* by time; the first begins at the beginning of time */
    struct buf name;
};

void zone_close(struct zone *z)
{
    if (z != NULL) {
        VEC_FINISH(&z->changes);
        buf_finish(&z->name);
        mem_put(z);
    }
}

str zone_name(const struct zone *z)
{
    return z != NULL ? buf_str(&z->name) : STR("UTC");
}

/* "+01:00", "-0330", "+2" */
static bool parse_fixed(str name, lapse *ret)
{
    if (name.n < 2 || (name.p[0] != '+' && name.p[0] != '-')) {
        return false;
    }
    int64_t hours = 0, minutes = 0;
    str rest = str_from(name, 1), part;
    if (str_find_char(rest, ':') < rest.n) {
        if (!str_cut(&rest, ':', &part) || !str_to_i64(part, &hours) ||
            !str_to_i64(rest, &minutes)) {
            return false;
        }
    } else if (rest.n == 4) {
        if (!str_to_i64(str_first(rest, 2), &hours) || !str_to_i64(str_from(rest, 2), &minutes)) {
            return false;
        }
    } else if (rest.n > 2 || !str_to_i64(rest, &hours)) {
        return false;
    }
    if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59) {
        return false;
    }
    *ret = (hours * HOUR + minutes * MINUTE) * (name.p[0] == '-' ? -1 : 1);
    return true;
}

static lapse icu_offset(UCalendar *calendar, when t, UErrorCode *code)
{
    int64_t millis = t / 1000;
    ucal_setMillis(calendar, (UDate)millis, code);
    int32_t offset =
        ucal_get(calendar, UCAL_ZONE_OFFSET, code) + ucal_get(calendar, UCAL_DST_OFFSET, code);
    return offset * 1000LL;
}

static status read_changes(struct zone *z, UCalendar *calendar, struct error *why)
{
    UErrorCode code = U_ZERO_ERROR;
    const when end = clock_from_civil((struct civil){.year = 2100, .month = 1, .day = 1});
    VEC_ADD(&z->changes, (struct change){INT64_MIN, icu_offset(calendar, 0, &code)});
    for (when t = 0; U_SUCCESS(code);) {
        UDate next = 0;
        int64_t millis = t / 1000;
        ucal_setMillis(calendar, (UDate)millis, &code);
        if (!ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &next, &code)) {
            break;
        }
        t = (when)next * 1000;
        if (t >= end) {
            break;
        }
        lapse offset = icu_offset(calendar, t, &code);
        if (offset != z->changes.v[z->changes.n - 1].offset) {
            VEC_ADD(&z->changes, (struct change){t, offset});
        }
    }
    return U_SUCCESS(code) ? OK
                           : error_set(why, "time zone \"" STR_FMT "\" cannot be read: %s",
                                       STR_ARG(buf_str(&z->name)), u_errorName(code));
}

static status read_named(struct zone *z, struct error *why)
{
    UChar name[64], canonical[64];
    UErrorCode code = U_ZERO_ERROR;
    UBool known = 0;
    int32_t n = 0;
    u_strFromUTF8(name, 64, &n, buf_cstr(&z->name), (int32_t)z->name.n, &code);
    if (U_SUCCESS(code)) {
        ucal_getCanonicalTimeZoneID(name, n, canonical, 64, &known, &code);
    }
    if (U_FAILURE(code) || n == 0) {
        error_set(why, "\"" STR_FMT "\" is not a time zone", STR_ARG(buf_str(&z->name)));
        error_hint(why, "use a name such as Europe/Berlin, UTC, or an offset such as +01:00");
        return FAIL;
    }
    UCalendar *calendar = ucal_open(name, n, "en", UCAL_GREGORIAN, &code);
    if (U_FAILURE(code)) {
        return error_set(why, "time zone \"" STR_FMT "\" cannot be opened: %s",
                         STR_ARG(buf_str(&z->name)), u_errorName(code));
    }
    status_code done = read_changes(z, calendar, why);
    ucal_close(calendar);
    return done;
}

status zone_open(str name, struct zone **ret_zone, struct error *why)
{
    struct zone *z = mem_get(sizeof *z);
    lapse fixed = 0;
    status_code done = OK;
    buf_add(&z->name, name);
    if (parse_fixed(name, &fixed)) {
        VEC_ADD(&z->changes, (struct change){INT64_MIN, fixed});
    } else {
        done = read_named(z, why);
    }
    if (done != OK) {
        zone_close(z);
        return done;
    }
    *ret_zone = z;
    return OK;
}

static size_t change_at(const struct zone *z, when t)
{
    size_t low = 0, high = z->changes.n; /* the last change at or before t is in [low, high) */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (z->changes.v[middle].from <= t) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

lapse zone_offset(const struct zone *z, when t)
{
    return z != NULL ? z->changes.v[change_at(z, t)].offset : 0;
}

when zone_instant(const struct zone *z, when local, enum zone_fold *ret_fold)
{
    enum zone_fold fold = ZONE_PLAIN;
    when t = local;
    if (z != NULL) {
        /* the offset in force is that of the change before, at, or after the guess */
        size_t at = change_at(z, local - z->changes.v[change_at(z, local)].offset);
        size_t first = at > 0 ? at - 1 : 0, last = at + 1 < z->changes.n ? at + 1 : at;
        int found = 0;
        for (size_t i = first; i <= last; i++) {
            const struct change *c = &z->changes.v[i];
            when candidate = local - c->offset;
            bool holds = candidate >= c->from &&
                         (i + 1 == z->changes.n || candidate < z->changes.v[i + 1].from);
            if (holds && found++ == 0) {
                t = candidate;
            }
        }
        fold = found == 0 ? ZONE_GAP : found == 1 ? ZONE_PLAIN : ZONE_TWICE;
        if (found == 0) { /* the gap begins at the change that local time jumps over */
            for (size_t i = first; i < last; i++) {
                when change = z->changes.v[i + 1].from;
                if (local >= change + z->changes.v[i].offset &&
                    local < change + z->changes.v[i + 1].offset) {
                    t = change;
                }
            }
        }
    }
    if (ret_fold != NULL) {
        *ret_fold = fold;
    }
    return t;
}
