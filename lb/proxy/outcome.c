#include "lb/proxy/outcome.h"

static void tell(const struct env *env)
{
    if (env->on_suspect)
        env->on_suspect(env->suspect_owner);
}

bool outcome_is_fault(const struct upstream *upstream, enum err err)
{
    bool was_cut = err == ERR_UPSTREAM_RESET || err == ERR_UPSTREAM_TRUNCATED;
    if (!upstream)
        return err != ERR_NO_SOCKET; /* that is lb's own */
    return !was_cut || (upstream->is_request_sent && !upstream->pressure.was_long);
}

void outcome_failed(struct env *env, struct endpoint *endpoint, enum err err, bool was_reused)
{
    if ((was_reused && err == ERR_UPSTREAM_RESET) || err == ERR_CONNECT_TIMEOUT)
        return;
    if (outlier_note_failure(endpoint, &env->options.outlier))
        tell(env);
}

void outcome_overtaken(struct env *env, struct endpoint *endpoint)
{
    if (outlier_note_failure(endpoint, &env->options.outlier))
        tell(env);
}

void outcome_answered(const struct upstream *upstream, unsigned status)
{
    struct env *env = upstream->env;
    if (status < 200 && status != 101)
        return; /* the answer proper is still to come */
    if (status < 500)
        outlier_note_success(upstream->endpoint);
    else if (upstream->is_request_sent &&
             outlier_note_error(upstream->endpoint, &env->options.outlier))
        tell(env);
}
