/* What keeps good settings from working on this machine, now: for lb --check, and for SIGHUP. */
#ifndef LB_RUN_PREFLIGHT_H
#define LB_RUN_PREFLIGHT_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/config/config.h"

/* Looks whether ports are free (or an lb of this user has them, which is to be told to read its
 * settings again: `notes` gets what tells so), names have addresses, and files and folders are there. Changes nothing. `config`
 * may be incomplete. Fails: false, `faults` has a line for each (config_faults.h). */
bool preflight_check(const struct config *config, struct text *notes, struct text *faults);

/* The part that SIGHUP must not get wrong: a directory of certificates that is not there would take them all away. What may
 * not be read is not looked at, as another process might. Fails: false, `faults` has a line for each. */
bool preflight_check_running(const struct config *config, struct text *faults);

#endif
