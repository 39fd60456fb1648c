/* Delivery logs. One input is the three files, a byte 0x1e between them; a file whose part is not
 * there is not there. */
#include "drain.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const NAMES[] = {"deployments.csv", "changes.csv", "incidents.csv"};
    char folder[] = "/tmp/weir-fuzz-XXXXXX", path[64];
    assert(mkdtemp(folder) != NULL);
    for (size_t i = 0; i < 3 && data != NULL; i++) {
        const uint8_t *end = size > 0 ? memchr(data, 0x1e, size) : NULL;
        size_t n = end != NULL ? (size_t)(end - data) : size;
        snprintf(path, sizeof path, "%s/%s", folder, NAMES[i]);
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert(fd >= 0);
        drain_write(fd, data, n);
        close(fd);
        data = end != NULL ? end + 1 : NULL;
        size -= end != NULL ? n + 1 : n;
    }
    drain_path(&SOURCE_DELIVERY, folder);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, NAMES[i]);
        (void)unlink(path);
    }
    assert(rmdir(folder) == 0);
    return 0;
}
