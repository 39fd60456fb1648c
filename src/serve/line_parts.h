/* Inside of line.c and line_server.c only. */
#pragma once

#include "serve/line.h"

#include <sys/un.h>

enum { LINE_PART = 256 << 10, LINE_QUESTION = 2 << 20 };

bool line_address(const char *path, struct sockaddr_un *ret, int *ret_folder);
void line_put_u32(unsigned char out[4], size_t n);
size_t line_get_u32(const unsigned char in[4]);
bool line_send_all(int socket, const void *bytes, size_t n);
bool line_frame(int socket, char letter, str bytes);
