/* What --print-config and --help print. */
#ifndef LB_CONFIG_CONFIG_PRINT_H
#define LB_CONFIG_CONFIG_PRINT_H

#include "lb/base/text.h"
#include "lb/config/config.h"
#include "lb/config/config_table.h"

/* Appends the settings in use as a JSON object that --config accepts and that gives the same tree
 * again; what has no value (another source, the own place of lb-discovery) is left out. A path
 * that is not UTF-8 does not survive, as JSON cannot carry it. */
void config_print_json(const struct config *config, struct text *out);

/* The same for others to see: secrets are hidden. */
void config_print_masked(const struct config *config, struct text *out);

/* Appends what `values`, the struct of `table`, has. */
void config_print_tree(const struct config_table *table, const void *values, bool shows_secrets,
                       struct text *out);

/* Appends the text of --help, at most 100 columns wide. */
void config_print_help(struct text *out);

#endif
