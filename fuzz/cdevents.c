/* CDEvents and CloudEvents. */
#include "drain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return drain(&SOURCE_CDEVENTS, data, size);
}
