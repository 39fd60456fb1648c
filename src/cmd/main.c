#include "cmd/frame.h"

int main(int argc, char **argv)
{
    extern char **environ;
    int n = argc > 1 ? argc - 1 : 0;
    return frame_run((const char *const *)argv + (argc > 0), (size_t)n,
                     (const char *const *)environ);
}
