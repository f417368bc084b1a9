/* The environment as a layer. */
#ifndef LB_CONFIG_CONFIG_ENV_H
#define LB_CONFIG_CONFIG_ENV_H

#include "lb/base/text.h"
#include "lb/config/config_layer.h"

/* Reads LB_WORD of every setting; lists are separated by commas; LB_DOCKER=true names Docker
 * without an endpoint. An empty variable counts as not set. Borrows envp, which may be NULL. */
void config_env_read(char *const *envp, struct config_layer *layer);

/* Appends a sentence for each variable that begins with LB_ and is no setting's, with the nearest
 * one that is; none for what Kubernetes and Docker links put there. Sentences end with LF. */
void config_env_find_unknown(char *const *envp, struct text *out);

/* Appends the variable of a setting: "LB_HEAD_TIMEOUT". */
void config_env_append_name(const struct config_setting *setting, struct text *out);

#endif
