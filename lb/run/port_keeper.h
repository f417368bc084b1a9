/* The TCP and UDP listeners that there are: those of the operator (--tcp, --udp), as the settings have them, and
 * those that containers ask for inside --dynamic-ports, as the published snapshot has them. Those that stay are
 * not touched by what changes. Thread: control. */
#ifndef LB_RUN_PORT_KEEPER_H
#define LB_RUN_PORT_KEEPER_H

#include <uv.h>

#include "lb/config/config.h"
#include "lb/run/kept_ports.h"
#include "lb/run/port_rules.h"
#include "lb/route/listener_table.h"

/* How long one of containers stays after its last rule. */
#define PORT_KEEPER_REMAIN_MS 30000u

struct port_keeper_options {
    uv_loop_t *uv; /* borrowed */
    struct lender lender;
    unsigned worker_count;
    /* Others are to be served from now on. Takes the reference. */
    void (*give)(void *owner, struct listener_set *set);
    /* The operator's rules are others, because a listener has ended. */
    void (*on_rules)(void *owner);
    void *owner;
};

struct port_keeper {
    struct port_keeper_options options;
    struct kept_ports ports;
    /* The operator's, with the ports that are bound. Others borrow them until port_keeper_configure or on_rules. */
    struct port_rules rules;
    struct listener_range dynamic;
    unsigned dynamic_max;         /* of containers, open at a time */
    struct listener_table *table; /* of the snapshot that was looked at last; one reference */
    uv_timer_t timer;
    bool is_to_look; /* at the next snapshot, though its rules are the same */
    bool is_started; /* workers are given sets */
    bool is_closed;
};

/* Copies the options; nothing is open yet. */
void port_keeper_init(struct port_keeper *keeper, const struct port_keeper_options *options);

/* At that address, which is open, lb itself speaks TLS: rules for it open nothing. Before port_keeper_open. */
void port_keeper_note_tls(struct port_keeper *keeper, const struct address *at);

/* Opens the operator's listeners before there are workers. Fails: false, said in the log. */
bool port_keeper_open(struct port_keeper *keeper, const struct config *config,
                      unsigned worker_count, unsigned dynamic_max);

/* There are workers: they get what is open, and what changes. */
void port_keeper_start(struct port_keeper *keeper);

/* Other settings: opens what is new, and has what they lead to in `rules`, which is to be published before
 * port_keeper_give. Rules of a listener that is not wanted any more stay until the last worker has closed it, for
 * those who had come. */
void port_keeper_configure(struct port_keeper *keeper, const struct config *config,
                           unsigned dynamic_max);

/* The first port below 1024 that these settings ask for and that is not there yet: the master lends no such one to a process
 * that has read from the network. 0: there is none. */
uint16_t port_keeper_lacks(const struct port_keeper *keeper, const struct config *config);

/* Gives the workers what is open now. */
void port_keeper_give(struct port_keeper *keeper);

/* A snapshot was published that has these rules (NULL: none): opens and closes what containers asked for. Costs
 * nothing where they are the same. */
void port_keeper_follow(struct port_keeper *keeper, struct listener_table *table);

/* Nothing is opened or closed any more. Idempotent; the loop must run once more. */
void port_keeper_close(struct port_keeper *keeper);

/* Frees what is left, and closes what no worker has. */
void port_keeper_fini(struct port_keeper *keeper);

#endif
