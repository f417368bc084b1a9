#include "discovery/docker/hindrance.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "lb/base/text.h"

static void refuse(struct hindrance *out, enum left_out_reason reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(struct hindrance *out, enum left_out_reason reason, const char *format, ...)
{
    struct text text = TEXT_INIT;
    va_list args;
    va_start(args, format);
    text_vappendf(&text, format, args);
    va_end(args);
    out->reason = reason;
    out->detail = clean_copy(text_view(&text), LIMITS_SENTENCE_BYTES_MAX);
    text_fini(&text);
}

/* Shells give 128 and the signal, and the engine does. */
static void append_exit_code(const struct container *container, struct text *why)
{
    int code = container->exit_code;
    text_appendf(why, " with code %d", code);
    if (code > 128 && code < 128 + 65)
        text_appendf(why, " (signal %d)", code - 128);
    if (container->was_oom_killed)
        text_append_str(why, ", as the kernel killed it, or a process of it, for want of memory "
                             "(OOMKilled)");
    else if (code == 137 && !container->has_autopsy)
        text_append_str(why, ", killed by an order or for want of memory");
}

static const char *find_remedy(const struct container *container)
{
    const char *status = container->status;
    if (container->is_task)
        return container->error ? "docker service ps --no-trunc tells what its swarm does about it."
                                : NULL;
    if (strcmp(status, "restarting") == 0)
        return "The engine starts it again by itself; docker logs shows what it wrote.";
    if (strcmp(status, "dead") == 0 || strcmp(status, "removing") == 0)
        return "It cannot be started again: docker rm, and create it anew.";
    if (container->error)
        return "docker start brings it up once that is mended.";
    if (container->was_oom_killed)
        return "Give it more memory (docker update --memory), then docker start brings it up.";
    if (container->has_exit_code && container->exit_code != 0)
        return "docker start brings it up; docker logs shows what it wrote.";
    return NULL;
}

static void refuse_not_running(const struct container *container, struct hindrance *out)
{
    struct text why = TEXT_INIT;
    text_append_str(&why, container->status[0] ? container->status : "not running");
    if (container->has_exit_code && strcmp(container->status, "exited") == 0)
        append_exit_code(container, &why);
    else if (container->has_exit_code && container->exit_code > 0) {
        text_append_str(&why, ", after its last run ended");
        append_exit_code(container, &why);
    }
    if (container->error)
        text_appendf(&why, "; the engine says: %s", container->error);
    refuse(out, LEFT_OUT_NOT_RUNNING, "it is %s", text_str(&why));
    out->remedy = find_remedy(container);
    text_fini(&why);
}

static void refuse_unknown(const struct container *container, struct hindrance *out)
{
    refuse(out, LEFT_OUT_NO_ADDRESS, "%s",
           container->is_too_large ? "what the engine tells of it is larger than 4 MiB"
                                   : "the engine did not answer when asked about it");
    out->remedy = container->is_too_large ? "Take labels or variables away from it."
                                          : "lb-discovery asks again by itself.";
}

static void refuse_for_owner(const struct container *owner, struct hindrance *out)
{
    refuse(out, LEFT_OUT_NOT_RUNNING,
           "it uses the network of the container %s, which is not running", owner->name);
    out->remedy = "Start that one, and then this one anew.";
}

static void refuse_disabled(const struct offers *offers, struct hindrance *out)
{
    refuse(out, LEFT_OUT_DISABLED, "it has %s", offers->disabled_by);
    if (strcmp(offers->disabled_by, OFFERS_NO_WORD) == 0)
        out->remedy = "Create it anew with one, for example lb.host; or start lb without "
                      "--require-label.";
}

bool hindrance_find(const struct container *container, const struct container *owner,
                    const struct vantage *vantage, struct hindrance *out)
{
    const struct offers *offers = &container->offers;
    *out = (struct hindrance){0};
    if (engine_id_is_set(&vantage->id) && engine_id_eq(&container->id, &vantage->id) &&
        !offers->is_named)
        refuse(out, LEFT_OUT_SELF, "this is the container that lb itself runs in");
    else if (offers->disabled_by)
        refuse_disabled(offers, out);
    else if (container->is_unknown)
        refuse_unknown(container, out);
    else if (!container->running)
        refuse_not_running(container, out);
    else if (owner && !owner->running)
        refuse_for_owner(owner, out);
    else if (offers->fault_detail)
        refuse(out, offers->fault, "%s", offers->fault_detail);
    else
        return false;
    return true;
}

static void append_networks(const struct container *owner, struct text *names)
{
    for (size_t i = 0; i < owner->network_count; i++)
        if (owner->networks[i].ip[0] != '\0')
            text_appendf(names, "%s%s", names->len > 0 ? ", " : "", owner->networks[i].name);
}

/* `to_all`: on every address of the host, by one IP version at least. */
static bool is_published(const struct offer *offer, const struct container *owner, bool to_all)
{
    for (size_t i = 0; i < owner->binding_count; i++) {
        const char *ip = owner->bindings[i].host_ip;
        bool is_all = ip[0] == '\0' || strcmp(ip, "0.0.0.0") == 0 || strcmp(ip, "::") == 0;
        if (owner->bindings[i].port == offer->port &&
            owner->bindings[i].is_udp == offers_is_udp(offer) && (is_all || !to_all))
            return true;
    }
    return false;
}

/* Its port is published, and lb's container does not get there all the same. */
static void refuse_published(const struct offer *offer, const struct container *owner,
                             const struct vantage *vantage, const char *names,
                             struct hindrance *out)
{
    bool leads_to_host = vantage->gateway_count > 0;
    bool to_all = is_published(offer, owner, true);
    refuse(out, LEFT_OUT_NO_SHARED_NETWORK,
           "its port %u is published on the host, %s; it is on: %s; lb is on: %s", offer->port,
           !leads_to_host ? "where no network of lb's container leads"
           : to_all       ? "but not for the IP version by which lb's container gets there"
                          : "but on an address that lb's container cannot reach",
           names, vantage->network_count > 0 ? text_str(&vantage->network_names) : "no network");
    if (!leads_to_host)
        out->remedy = "Let docker network connect join lb to a network of its, or to a bridge "
                      "network that is not internal.";
    else if (to_all)
        out->remedy = "Publish it for that IP version too, or let docker network connect join it "
                      "to a network of lb's.";
    else
        out->remedy = "Publish the port on all addresses of the host (-p 8080:80 instead of -p "
                      "127.0.0.1:8080:80), or let docker network connect join it to a network of "
                      "lb's.";
}

static bool has_no_network(const struct container *owner)
{
    return owner->network_count == 1 && strcmp(owner->networks[0].name, "none") == 0 &&
           owner->networks[0].ip[0] == '\0';
}

void hindrance_of_owner_unknown(struct hindrance *out)
{
    *out = (struct hindrance){0};
    refuse(out, LEFT_OUT_NO_ADDRESS, "it uses the network of a container that is not known");
    out->remedy = "Start that container, and then create this one anew; docker inspect names it as "
                  "its NetworkMode.";
}

void hindrance_of_networks(const struct offer *offer, const struct container *owner,
                           const struct vantage *vantage, struct hindrance *out)
{
    const char *wanted = offer->options->network;
    *out = (struct hindrance){0};
    struct text names = TEXT_INIT;
    append_networks(owner, &names);
    if (owner->is_host_network) {
        refuse(out, LEFT_OUT_NO_SHARED_NETWORK,
               "it uses the host's network, and no network of lb's container leads there");
        out->remedy = "Put lb on a bridge network that is not internal, or on the host's.";
    } else if (has_no_network(owner)) {
        refuse(out, LEFT_OUT_NO_ADDRESS, "it has no network (--network none)");
        out->remedy = "Create it anew on a network that lb reaches.";
    } else if (names.len == 0)
        refuse(out, LEFT_OUT_NO_ADDRESS, "it is on no network, or its network is not ready yet");
    else if (wanted) {
        refuse(out, LEFT_OUT_NO_SHARED_NETWORK,
               "the label %s asks for %s; it is on: %s; lb is on: %s",
               offer->options->network_label, wanted, text_str(&names), vantage->on_host ? "the host" : text_str(&vantage->network_names));
        out->remedy = "Correct that label and create it anew, or let docker network "
                      "connect join it and lb to that network.";
    } else if (!vantage->on_host && is_published(offer, owner, false)) {
        refuse_published(offer, owner, vantage, text_str(&names), out);
    } else if (vantage->on_host) {
        refuse(out, LEFT_OUT_NO_SHARED_NETWORK, "it is on: %s; the host has no route there",
               text_str(&names));
        out->remedy =
            owner->is_task
                ? "Run lb in a container on such a network (as a service of the swarm, or with "
                  "docker network connect where it is attachable), or publish the port with "
                  "mode=host."
                : "docker network connect, to a bridge network, would give it one.";
    } else {
        refuse(out, LEFT_OUT_NO_SHARED_NETWORK, "it is on: %s; lb is on: %s", text_str(&names),
               vantage->network_count > 0 ? text_str(&vantage->network_names) : "no network");
        if (owner->is_task)
            out->remedy = "Attach lb to a network of its: docker service update --network-add for "
                          "an lb that is a service of the swarm, docker network connect where the "
                          "network is attachable.";
        else if (vantage->gateway_count == 0)
            out->remedy = "docker network connect, for it or for lb, would join them.";
    }
    text_fini(&names);
}

void hindrance_fini(struct hindrance *hindrance)
{
    free(hindrance->detail);
    *hindrance = (struct hindrance){0};
}

bool hindrance_eq(const struct hindrance *a, const struct hindrance *b)
{
    return a->reason == b->reason && strcmp(a->detail, b->detail) == 0;
}
