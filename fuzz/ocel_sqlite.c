/* Object-centric event logs, from seeds in SQLite. */
#include "drain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return drain(&SOURCE_OCEL, data, size);
}
