/* Loose objects that break off. A crash of the machine leaves such files behind, and libgit2 (1.5)
 * never returns from one: it asks zlib for more output without end. */
#pragma once

#include "source/gitfolder.h"

#include <git2.h>

/* Puts a guard before the loose objects of each of the folders: reading one that is cut short or
 * damaged is an error that says so. Objects in packs are not touched. < 0: libgit2's error. */
int gitguard_add(git_odb *odb, const struct gitfolders *folders);
