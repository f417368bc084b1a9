/* The rows of struct config, one table for each list of --help and the manual. Here a setting of the
 * whole program is added: a row, and its field in config.h; one that a service can have its own of in
 * config_policy.c. All else follows from the row. */
#ifndef LB_CONFIG_SETTINGS_H
#define LB_CONFIG_SETTINGS_H

#include "lb/config/config_table.h"

/* Sanitizers want more of the kernel than lb does. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONFIG_JAIL_DEFAULT "off"
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define CONFIG_JAIL_DEFAULT "off"
#endif
#endif
#ifndef CONFIG_JAIL_DEFAULT
#define CONFIG_JAIL_DEFAULT "strict"
#endif

extern const struct config_table settings_listen;
extern const struct config_table settings_listener;
extern const struct config_table settings_tls;
extern const struct config_table settings_https;
extern const struct config_table settings_certificate;
extern const struct config_table settings_acme;
extern const struct config_table settings_source;
extern const struct config_table settings_upstream_tls;
extern const struct config_table settings_catalog;
extern const struct config_table settings_deadline;
extern const struct config_table settings_limit;
extern const struct config_table settings_process;
extern const struct config_table settings_report;
extern const struct config_table settings_other;

#endif
