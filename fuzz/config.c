/* Any text as weir.yaml: read or refused with a place, within the limits. */
#include "engine/config.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct config *c = NULL;
    struct error why = {0};
    if (config_parse((str){(const char *)bytes, n}, "weir.yaml", &c, &why) != OK) {
        assert(strncmp(why.text, "weir.yaml:", 10) == 0);
        return 0;
    }
    for (size_t i = 0; i < c->value_count; i++) {
        assert(c->values[i].origin.line > 0 && c->values[i].path[0] != 0);
    }
    size_t untrusted = 0;
    assert((config_untrusted(c, &untrusted) != NULL) == (untrusted > 0));
    config_free(c);
    return 0;
}
