/* Where the files of a directory of certificates lie: itself, and where symlinks in it lead. */
#ifndef LB_CERTS_CERTS_REACH_H
#define LB_CERTS_CERTS_REACH_H

#include "lb/base/view.h"

#define CERTS_REACH_MAX 16u /* folders elsewhere that are told for one directory */

/* Tells each folder once that must be readable: the directory first, certbot's archive beside its live, then what else symlinks
 * lead to at this moment. Each path is borrowed for the call. */
void certs_reach_list(const char *directory, void (*tell)(void *owner, struct view folder),
                      void *owner);

#endif
