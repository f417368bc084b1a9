#include "lb/proxy/outcome.h"

static void tell(const struct env *env)
{
    if (env->on_suspect)
        env->on_suspect(env->suspect_owner);
}

void outcome_failed(struct env *env, struct endpoint *endpoint, enum err err, bool was_reused)
{
    if (was_reused && err == ERR_UPSTREAM_RESET)
        return;
    if (outlier_note_failure(endpoint, &env->options.outlier))
        tell(env);
}

void outcome_answered(struct env *env, struct endpoint *endpoint, unsigned status)
{
    if (status < 200 && status != 101)
        return; /* the answer proper is still to come */
    if (status < 500)
        outlier_note_success(endpoint);
    else if (outlier_note_error(endpoint, &env->options.outlier))
        tell(env);
}
