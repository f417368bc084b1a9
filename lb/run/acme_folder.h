/* The folder that lb-acme keeps certificates in, and lb-proxy reads them from: there before lb-proxy enters its jail, which names
 * it. */
#ifndef LB_RUN_ACME_FOLDER_H
#define LB_RUN_ACME_FOLDER_H

#include <sys/types.h>

#include "lb/base/text.h"
#include "lb/config/config.h"

/* Makes it with its parents, where --acme is set and it is not there; what is made belongs to that user (as which both will run;
 * (uid_t)-1: who this is). Where it cannot be made, that is appended to `notes` with what to do, a line. */
void acme_folder_make(const struct config *config, uid_t uid, gid_t gid, struct text *notes);

#endif
