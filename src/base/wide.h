/* 128-bit integers, for sums of microseconds that must be exact whatever their number. */
#pragma once

__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;
