/* libmicrohttpd, loaded when a server starts: it brings ten more libraries (those of TLS), which
 * would double the time in which `weir version` answers. As with DuckDB (src/duckdb/lazy.h),
 * whoever includes this calls the functions by their own names. */
#pragma once

#include "base/error.h"

#include <microhttpd.h>

#define MHD_FUNCTIONS(X)                                                                           \
    X(MHD_add_response_header)                                                                     \
    X(MHD_create_response_from_buffer_with_free_callback_cls)                                      \
    X(MHD_create_response_from_callback)                                                           \
    X(MHD_destroy_response)                                                                        \
    X(MHD_get_connection_info)                                                                     \
    X(MHD_get_connection_values)                                                                   \
    X(MHD_queue_response)                                                                          \
    X(MHD_quiesce_daemon)                                                                          \
    X(MHD_resume_connection)                                                                       \
    X(MHD_start_daemon)                                                                            \
    X(MHD_stop_daemon)                                                                             \
    X(MHD_suspend_connection)

struct mhd {
#define MHD_MEMBER(name) __typeof__(&name) of_##name;
    MHD_FUNCTIONS(MHD_MEMBER)
#undef MHD_MEMBER
};
extern struct mhd mhd;

status mhd_load(struct error *why); /* before any other; again is free. Not from two threads */

#define MHD_add_response_header (*mhd.of_MHD_add_response_header)
#define MHD_create_response_from_buffer_with_free_callback_cls                                     \
    (*mhd.of_MHD_create_response_from_buffer_with_free_callback_cls)
#define MHD_create_response_from_callback (*mhd.of_MHD_create_response_from_callback)
#define MHD_destroy_response (*mhd.of_MHD_destroy_response)
#define MHD_get_connection_info (*mhd.of_MHD_get_connection_info)
#define MHD_get_connection_values (*mhd.of_MHD_get_connection_values)
#define MHD_queue_response (*mhd.of_MHD_queue_response)
#define MHD_quiesce_daemon (*mhd.of_MHD_quiesce_daemon)
#define MHD_resume_connection (*mhd.of_MHD_resume_connection)
#define MHD_start_daemon (*mhd.of_MHD_start_daemon)
#define MHD_stop_daemon (*mhd.of_MHD_stop_daemon)
#define MHD_suspend_connection (*mhd.of_MHD_suspend_connection)
