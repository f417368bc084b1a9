/* What the settings make of the parts of lb, at the beginning and with each SIGHUP. Thread: control. */
#ifndef LB_RUN_CONTROL_SETTINGS_H
#define LB_RUN_CONTROL_SETTINGS_H

#include "lb/run/control_state.h"

/* The publisher's; borrows from the settings, and from the rules of the port keeper. */
struct publisher_options control_settings_publisher(struct control *control,
                                                    const struct config *config);

/* Where labels may lead to, and where they never do: to lb itself, once its ports are open. */
void control_settings_guard(struct control *control, const struct config *config);
void control_settings_know_own(struct control *control);

/* Says in the log if others can read the token of the admin listener. */
void control_settings_warn(const struct config *config);

/* Whether only a process that is started anew can take these over (reload's needs_renewal). */
bool control_settings_need_renewal(void *owner, const struct config *next, struct text *why);

/* SIGHUP brought others (reload's apply, which takes what `next` owns). */
void control_settings_apply(void *owner, struct config *next);

/* What lb-discovery is told of lb, once the ports are open. Borrowed from `control` and `config`. */
struct discovery_places control_settings_places(const struct control *control,
                                                const struct config *config);

#endif
