/* 128-bit integers, for sums of microseconds that must be exact whatever their number. */
#pragma once

__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;

/* Sums that come from bytes of others may be any number: they wrap around instead of overflowing.
 */
static inline i128 wide_add(i128 a, i128 b)
{
    return (i128)((u128)a + (u128)b);
}
