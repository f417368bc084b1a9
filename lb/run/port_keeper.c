#include "lb/run/port_keeper.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/crew/settings.h"

#define LOOK_MS 100u /* while workers are closing one */

static void on_uv_due(uv_timer_t *timer);

static uint64_t now_ms(const struct port_keeper *keeper)
{
    return uv_now(keeper->options.uv);
}

void port_keeper_give(struct port_keeper *keeper)
{
    struct listener_port **ports = memory_new((keeper->ports.count + 1) * sizeof(*ports));
    unsigned count = 0;
    for (unsigned i = 0; i < keeper->ports.count; i++)
        if (kept_port_is_open(keeper->ports.all[i]))
            ports[count++] = keeper->ports.all[i]->port;
    if (keeper->is_started)
        keeper->options.give(keeper->options.owner, listener_set_new(ports, count));
    free(ports);
}

/* ---- one -------------------------------------------------------------------------------------- */

/* The least that none of those has that are open and were asked for alike. */
static uint32_t free_ordinal(const struct port_keeper *keeper, const struct kept_port *kept)
{
    uint32_t ordinal = 0;
    for (unsigned i = 0; i < keeper->ports.count; i++) {
        const struct kept_port *other = keeper->ports.all[i];
        if (other != kept && other->port && other->standing.kind == kept->standing.kind &&
            other->lent.ordinal == ordinal && address_eq(&other->lent.wanted, &kept->wanted)) {
            ordinal++;
            i = UINT_MAX; /* from the first on */
        }
    }
    return ordinal;
}

/* Gives whether it is open now and was not. One that workers are still closing has to wait for them. */
static bool open_one(struct port_keeper *keeper, struct kept_port *kept)
{
    char why[160];
    uint64_t now = keeper->is_started ? now_ms(keeper) : KEPT_PORT_NEVER;
    if (kept->port)
        return false;
    if (!kept->standing.is_dynamic ||
        kept_ports_count_dynamic(&keeper->ports) < keeper->dynamic_max)
        return kept_port_open(kept, &keeper->options.lender, free_ordinal(keeper, kept),
                              keeper->options.worker_count, now);
    snprintf(why, sizeof(why),
             "%u ports of containers are open, which is all that there are %s for",
             keeper->dynamic_max,
             keeper->dynamic_max < SETTINGS_DYNAMIC_MAX ? "open files (ulimit -n)" : "places");
    kept_port_fail(kept, why, now);
    return false;
}

static void want(struct kept_port *kept)
{
    kept->is_met = true;
    if (!kept->is_wanted || kept_port_is_open(kept)) /* a failing one waits for its time */
        kept->due_ms = KEPT_PORT_NEVER;
    kept->is_wanted = true;
}

/* ---- time ------------------------------------------------------------------------------------- */

static void await_next(struct port_keeper *keeper)
{
    uint64_t next_ms = KEPT_PORT_NEVER, now = now_ms(keeper);
    if (keeper->is_closed)
        return;
    for (unsigned i = 0; i < keeper->ports.count; i++) {
        const struct kept_port *kept = keeper->ports.all[i];
        uint64_t due_ms = kept->is_ending ? now + LOOK_MS : kept->due_ms;
        if (due_ms < next_ms)
            next_ms = due_ms;
    }
    if (next_ms == KEPT_PORT_NEVER)
        uv_timer_stop(&keeper->timer);
    else
        uv_timer_start(&keeper->timer, on_uv_due, next_ms > now ? next_ms - now : 0, 0);
}

/* What to do about one. Gives whether the workers are to know. */
static bool look_at(struct port_keeper *keeper, struct kept_port *kept, bool *has_ended)
{
    uint64_t now = now_ms(keeper);
    if (kept_port_has_ended(kept, &keeper->options.lender)) {
        *has_ended = true;
        return kept->is_wanted && open_one(keeper, kept);
    }
    if (kept->is_ending || kept->due_ms > now)
        return false;
    if (kept_port_is_open(kept)) {
        kept_port_end(kept);
        return true;
    }
    return open_one(keeper, kept);
}

static bool drop_rules(struct port_keeper *keeper);

static void on_uv_due(uv_timer_t *timer)
{
    struct port_keeper *keeper = list_entry(timer, struct port_keeper, timer);
    bool is_other = false, has_ended = false;
    for (unsigned i = 0; i < keeper->ports.count; i++)
        is_other |= look_at(keeper, keeper->ports.all[i], &has_ended);
    kept_ports_remove_ended(&keeper->ports);
    bool are_fewer = has_ended && drop_rules(keeper);
    await_next(keeper);
    if (is_other)
        port_keeper_give(keeper);
    if (are_fewer)
        keeper->options.on_rules(keeper->options.owner);
}

/* ---- the operator's --------------------------------------------------------------------------- */

/* Port 0 is another port for each rule; the same one again at SIGHUP. */
static bool is_for(const struct kept_port *kept, const struct listener_rule *rule)
{
    if (kept->standing.kind != rule->kind)
        return false;
    if (rule->port == 0)
        return !kept->is_met && address_eq(&kept->wanted, &rule->at);
    return address_eq(&kept->standing.at, &rule->at);
}

static struct kept_port *find_operators(const struct port_keeper *keeper,
                                        const struct listener_rule *rule)
{
    for (unsigned i = 0; i < keeper->ports.count; i++)
        if (is_for(keeper->ports.all[i], rule))
            return keeper->ports.all[i];
    return NULL;
}

static void take_rules(struct port_keeper *keeper, const struct port_rules *rules)
{
    port_rules_fini(&keeper->rules);
    keeper->rules = *rules;
}

/* Its socket is not one of those here. */
static bool has_tls(const struct port_keeper *keeper, const struct listener_rule *rule)
{
    return rule->kind == SERVICE_TCP && kept_ports_has_tls(&keeper->ports, &rule->at);
}

/* Containers may ask for names there. */
static void want_tls(const struct port_keeper *keeper, struct port_rules *rules)
{
    for (unsigned i = 0; i < keeper->ports.tls_count; i++) {
        const struct address *at = &keeper->ports.tls[i].at;
        port_rules_add(
            rules, &(struct listener_rule){
                       .kind = SERVICE_TCP, .at = *at, .port = address_port(at), .ends_tls = true});
    }
}

static void want_rules(struct port_keeper *keeper, const struct config_listener *all,
                       unsigned count, struct port_rules *rules)
{
    for (unsigned i = 0; i < count; i++) {
        struct listener_rule rule = all[i].rule;
        if (has_tls(keeper, &rule)) {
            port_rules_add(rules, &rule);
            continue;
        }
        struct kept_port *kept = find_operators(keeper, &rule);
        if (!kept)
            kept = kept_ports_add(&keeper->ports, rule.kind, &rule.at, false);
        kept->standing.is_dynamic = false;
        kept->wanted = rule.at;
        want(kept);
        open_one(keeper, kept);
        rule.at = kept->standing.at;
        rule.port = address_port(&rule.at);
        port_rules_add(rules, &rule);
    }
}

/* Containers may ask for the same, or have asked for it. */
static bool is_dynamic_place(const struct port_keeper *keeper, const struct address *at)
{
    struct address host = keeper->dynamic.at;
    if (!listener_range_has(&keeper->dynamic, address_port(at)))
        return false;
    address_set_port(&host, address_port(at));
    return address_eq(&host, at);
}

/* What the operator does not have any more may still be for containers, as the next snapshot will say. */
static void unwant_rest(struct port_keeper *keeper, uint64_t remain_until_ms)
{
    for (unsigned i = 0; i < keeper->ports.count; i++) {
        struct kept_port *kept = keeper->ports.all[i];
        if (kept->is_met || !kept->is_wanted)
            continue;
        if (!is_dynamic_place(keeper, &kept->standing.at)) {
            kept_port_end(kept);
        } else if (!kept->standing.is_dynamic) {
            kept->standing.is_dynamic = true;
            kept->due_ms = kept->port ? remain_until_ms : kept->due_ms;
        }
    }
    keeper->is_to_look = true;
}

/* For who came to a listener that is about to end. */
static void keep_old_rules(const struct port_keeper *keeper, bool is_all_wanted,
                           struct port_rules *rules)
{
    for (unsigned i = 0; i < keeper->rules.count; i++) {
        const struct kept_port *kept =
            kept_ports_find(&keeper->ports, keeper->rules.all[i].kind, &keeper->rules.all[i].at);
        bool stays = kept ? kept->is_wanted ? is_all_wanted : kept->is_ending
                          : is_all_wanted && has_tls(keeper, &keeper->rules.all[i]);
        if (stays)
            port_rules_add(rules, &keeper->rules.all[i]);
    }
}

/* False: there are none to drop, and those that are there, which others borrow, stay where they are. */
static bool drop_rules(struct port_keeper *keeper)
{
    struct port_rules rules = {0};
    keep_old_rules(keeper, true, &rules);
    bool are_fewer = rules.count < keeper->rules.count;
    if (are_fewer)
        take_rules(keeper, &rules);
    else
        port_rules_fini(&rules);
    return are_fewer;
}

static void take_config(struct port_keeper *keeper, const struct config *config,
                        unsigned dynamic_max)
{
    struct port_rules rules = {0};
    keeper->dynamic = config->dynamic;
    keeper->dynamic_max = dynamic_max;
    kept_ports_forget_met(&keeper->ports);
    want_rules(keeper, config->tcp, config->tcp_count, &rules);
    want_rules(keeper, config->udp, config->udp_count, &rules);
    want_tls(keeper, &rules);
    unwant_rest(keeper, now_ms(keeper) + PORT_KEEPER_REMAIN_MS);
    keep_old_rules(keeper, false, &rules);
    take_rules(keeper, &rules);
    kept_ports_remove_ended(&keeper->ports);
    await_next(keeper);
}

/* ---- containers' ------------------------------------------------------------------------------ */

/* Rules of one listener follow each other. */
static bool is_at_same(const struct listener_table *table, unsigned index)
{
    const struct listener_rule *rule = listener_table_rule(table, index);
    const struct listener_rule *before = index > 0 ? listener_table_rule(table, index - 1) : NULL;
    return before && before->kind == rule->kind && address_eq(&before->at, &rule->at);
}

static bool want_dynamic(struct port_keeper *keeper, const struct listener_rule *rule)
{
    if (!is_dynamic_place(keeper, &rule->at) || has_tls(keeper, rule))
        return false;
    struct kept_port *kept = kept_ports_find(&keeper->ports, rule->kind, &rule->at);
    if (kept && kept->is_wanted && !kept->standing.is_dynamic) /* the operator's */
        return false;
    if (!kept)
        kept = kept_ports_add(&keeper->ports, rule->kind, &rule->at, true);
    want(kept);
    return kept->due_ms == KEPT_PORT_NEVER && open_one(keeper, kept);
}

static void look_at_rest(struct port_keeper *keeper)
{
    uint64_t until_ms = now_ms(keeper) + PORT_KEEPER_REMAIN_MS;
    for (unsigned i = 0; i < keeper->ports.count; i++) {
        struct kept_port *kept = keeper->ports.all[i];
        if (kept->is_met || !kept->is_wanted || !kept->standing.is_dynamic)
            continue;
        if (!kept->port)
            kept_port_end(kept);
        else if (kept->due_ms == KEPT_PORT_NEVER)
            kept->due_ms = until_ms;
    }
}

void port_keeper_follow(struct port_keeper *keeper, struct listener_table *table)
{
    unsigned count = table ? listener_table_rule_count(table) : 0;
    bool is_other = false;
    if ((table == keeper->table && !keeper->is_to_look) || keeper->is_closed)
        return;
    if (table)
        listener_table_ref(table);
    listener_table_unref(keeper->table);
    keeper->table = table;
    keeper->is_to_look = false;
    kept_ports_forget_met(&keeper->ports);
    for (unsigned i = 0; i < count; i++)
        is_other |= !is_at_same(table, i) && want_dynamic(keeper, listener_table_rule(table, i));
    look_at_rest(keeper);
    kept_ports_remove_ended(&keeper->ports);
    await_next(keeper);
    if (is_other)
        port_keeper_give(keeper);
}

/* ---- what cannot be had ----------------------------------------------------------------------- */

#define ROOT_PORT_MAX 1023u

static uint16_t first_lack(const struct port_keeper *keeper, const struct config_listener *all,
                           unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct listener_rule *rule = &all[i].rule;
        if (rule->port > 0 && rule->port <= ROOT_PORT_MAX && !has_tls(keeper, rule) &&
            !kept_ports_find(&keeper->ports, rule->kind, &rule->at))
            return (uint16_t)rule->port;
    }
    return 0;
}

uint16_t port_keeper_lacks(const struct port_keeper *keeper, const struct config *config)
{
    const struct listener_range *dynamic = &config->dynamic;
    uint16_t port = first_lack(keeper, config->tcp, config->tcp_count);
    if (port == 0)
        port = first_lack(keeper, config->udp, config->udp_count);
    if (port == 0 && dynamic->low > 0 && dynamic->low <= ROOT_PORT_MAX &&
        (dynamic->low < keeper->dynamic.low || keeper->dynamic.low == 0))
        port = dynamic->low;
    return port;
}

/* ---- the beginning and the end ---------------------------------------------------------------- */

void port_keeper_init(struct port_keeper *keeper, const struct port_keeper_options *options)
{
    *keeper = (struct port_keeper){.options = *options};
    uv_timer_init(options->uv, &keeper->timer);
}

void port_keeper_note_tls(struct port_keeper *keeper, const struct address *at)
{
    kept_ports_add_tls(&keeper->ports, at);
}

bool port_keeper_open(struct port_keeper *keeper, const struct config *config,
                      unsigned worker_count, unsigned dynamic_max)
{
    bool are_open = true;
    keeper->options.worker_count = worker_count;
    take_config(keeper, config, dynamic_max);
    for (unsigned i = 0; i < keeper->ports.count; i++)
        are_open &= kept_port_is_open(keeper->ports.all[i]);
    return are_open;
}

void port_keeper_start(struct port_keeper *keeper)
{
    keeper->is_started = true;
    port_keeper_give(keeper);
}

void port_keeper_configure(struct port_keeper *keeper, const struct config *config,
                           unsigned dynamic_max)
{
    take_config(keeper, config, dynamic_max);
}

void port_keeper_close(struct port_keeper *keeper)
{
    if (keeper->is_closed)
        return;
    keeper->is_closed = true;
    uv_close((uv_handle_t *)&keeper->timer, NULL);
}

void port_keeper_fini(struct port_keeper *keeper)
{
    kept_ports_fini(&keeper->ports);
    port_rules_fini(&keeper->rules);
    listener_table_unref(keeper->table);
}
