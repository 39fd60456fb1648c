/* Doubles that are equal but for rounding; cmocka's own comparison is of floats. */
#pragma once

#include <math.h>

#define assert_near(is, wanted, width) assert_true(fabs((double)(is) - (double)(wanted)) <= (width))
