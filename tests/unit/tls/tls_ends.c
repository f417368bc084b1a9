#include "tls_ends.h"

#include "lb/tls/tls_tickets.h"

struct ends ends;

static struct tls_choice choose(void *owner, struct view name)
{
    (void)owner;
    ends.choose_count++;
    if (view_eq(name, VIEW("nobody.test")))
        return (struct tls_choice){0};
    const struct tls_host *host = view_eq(name, VIEW("b.test")) ? &ends.other : &ends.host;
    return (struct tls_choice){host, host->client_ca};
}

static struct tls_identity *identity_of(const struct made_certificate *made)
{
    struct text problem = TEXT_INIT;
    struct tls_identity *identity =
        tls_identity_read(text_view(&made->pem), text_view(&made->key_pem), time(NULL), &problem);
    assert_non_null(identity);
    return identity;
}

/* As of TLS-ALPN-01: only for one name. */
static struct tls_identity *find_challenge(void *owner, struct view name)
{
    (void)owner;
    return view_eq(name, VIEW("a.test")) ? identity_of(&ends.rsa) : NULL;
}

void ends_open(enum tls_policy policy, bool has_tickets)
{
    struct text problem = TEXT_INIT;
    const char *names = "DNS:a.test,DNS:b.test,IP:192.0.2.1";
    ends = (struct ends){0};
    ends.ecdsa = made_certificate_new((struct made_wish){.subject = "ecdsa", .names = names});
    ends.rsa = made_certificate_new(
        (struct made_wish){.subject = "rsa", .names = names, .rsa_bits = 2048});
    ends.client_authority =
        made_certificate_new((struct made_wish){.subject = "authority", .is_ca = true});
    ends.client_certificate = made_certificate_new(
        (struct made_wish){.subject = "someone, or \"other\"", .issuer = &ends.client_authority});
    ends.host.identities[TLS_KEY_ECDSA] = identity_of(&ends.ecdsa);
    ends.host.identities[TLS_KEY_RSA] = identity_of(&ends.rsa);
    ends.other.identities[TLS_KEY_ECDSA] = tls_identity_ref(ends.host.identities[TLS_KEY_ECDSA]);
    ends.other.client_ca = tls_client_ca_read(text_view(&ends.client_authority.pem), VIEW(""),
                                              &problem, &(bool){false});
    assert_non_null(ends.other.client_ca);
    ends.tickets = has_tickets ? tls_tickets_new() : NULL;
    ends.server = tls_server_new(&(struct tls_server_options){.policy = policy,
                                                              .tickets = ends.tickets,
                                                              .choose = choose,
                                                              .find_challenge = find_challenge},
                                 &problem);
    assert_non_null(ends.server);
}

void ends_close(void)
{
    for (unsigned i = 0; i < TLS_KEY_TYPE_COUNT; i++) {
        tls_identity_unref(ends.host.identities[i]);
        tls_identity_unref(ends.other.identities[i]);
    }
    tls_client_ca_unref(ends.other.client_ca);
    tls_server_free(ends.server);
    tls_tickets_free(ends.tickets);
    made_certificate_free(&ends.ecdsa);
    made_certificate_free(&ends.rsa);
    made_certificate_free(&ends.client_authority);
    made_certificate_free(&ends.client_certificate);
}

struct tls_client *ends_client(const char *name)
{
    struct text problem = TEXT_INIT, trusted = TEXT_INIT;
    text_append(&trusted, text_view(&ends.ecdsa.pem));
    text_append(&trusted, text_view(&ends.rsa.pem));
    struct tls_client *client = tls_client_new(
        &(struct tls_client_options){
            .verifies = true, .ca = text_view(&trusted), .name = view_str(name)},
        &problem);
    assert_non_null(client);
    text_fini(&trusted);
    return client;
}
