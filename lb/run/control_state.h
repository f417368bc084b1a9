/* What the main thread holds; for control*.c. Thread: control. */
#ifndef LB_RUN_CONTROL_STATE_H
#define LB_RUN_CONTROL_STATE_H

#include "lb/admin/live.h"
#include "lb/admin/pages.h"
#include "lb/crew/access_log.h"
#include "lb/crew/crew.h"
#include "lb/crew/librarian.h"
#include "lb/follow/discovery.h"
#include "lb/follow/legacy.h"
#include "lb/follow/outbox.h"
#include "lb/follow/publisher.h"
#include "lb/follow/resolver.h"
#include "lb/run/certificates.h"
#include "lb/run/confine.h"
#include "lb/run/departure.h"
#include "lb/run/heartbeat.h"
#include "lb/run/link.h"
#include "lb/run/patient_lender.h"
#include "lb/run/port_keeper.h"
#include "lb/run/ports.h"
#include "lb/run/privilege.h"
#include "lb/run/reload.h"
#include "lb/run/shortfall.h"
#include "lb/run/signals.h"
#include "lb/run/ticket_clock.h"

struct control {
    struct loop loop;
    struct ports ports;
    struct port_keeper port_keeper; /* of TCP and UDP */
    struct crew crew;
    struct publisher publisher;
    struct access_log access_log;
    struct settings *first_settings; /* what the access log borrows from; one reference */
    struct link link;                /* to the master */
    struct patient_lender lender;    /* of that, for what lb cannot start without */
    struct confine confine;          /* the jail */
    struct legacy legacy;            /* for the lb-proxy that comes next */
    struct heartbeat heartbeat;      /* to the master's supervisor */
    struct ticket_clock ticket_clock;
    struct deadline patience;      /* with a pool that is not ready yet */
    struct deadline glance;        /* at what the successor is told, for requests that wait here */
    uint64_t glance_hash;          /* of what it was told last */
    struct privilege privilege;    /* who it is to become */
    struct text privilege_notes;   /* to be told once it serves */
    struct channel_gauges *gauges; /* for the master; NULL: none */
    struct helper_plan plan; /* how lb-discovery was to be started; none with static backends */
    struct helper_plan report_plan; /* how lb-report was to be started; empty: not at all */
    struct helper_plan acme_plan;   /* how lb-acme was to be started; the same */
    struct outbox outbox;           /* to it */
    struct incidents incidents;     /* that it is told */
    struct child *child;            /* NULL with static backends */
    struct pages pages;
    struct admin admin;
    struct live live;
    uv_async_t worker_done;
    struct resolver resolver; /* of static backends */
    struct reload reload;
    struct departure departure;
    struct librarian librarian;
    struct certificates certificates;
    struct shortfall shortfall;
    struct signals signals;
    bool has_admin;
    bool is_serving; /* it was told to accept, and not yet to yield */
    bool is_ready;   /* the master knows */
    bool is_yielding, has_yielded;
};

/* The settings in force. */
static inline const struct config *control_config(const struct control *control)
{
    return &control->crew.settings->config;
}

static inline struct descriptors control_descriptors(const struct control *control)
{
    return settings_descriptors(control_config(control), crew_wanted_count(&control->crew));
}

#endif
