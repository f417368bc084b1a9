#include "lb/base/siphash.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define WORD_BYTES 8u

struct sip {
    uint64_t v0, v1, v2, v3;
    unsigned char word[WORD_BYTES]; /* what is not mixed in yet */
    size_t len;                     /* of all bytes */
};

/* A number that can be guessed would be worse than none. */
void siphash_key_init(struct siphash_key *key)
{
    if (getrandom(key, sizeof(*key), 0) == sizeof(*key))
        return;
    fprintf(stderr, "the kernel gives no random numbers\n");
    abort();
}

static uint64_t turn(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void mix(struct sip *sip, unsigned rounds)
{
    while (rounds-- > 0) {
        sip->v0 += sip->v1;
        sip->v1 = turn(sip->v1, 13) ^ sip->v0;
        sip->v0 = turn(sip->v0, 32);
        sip->v2 += sip->v3;
        sip->v3 = turn(sip->v3, 16) ^ sip->v2;
        sip->v0 += sip->v3;
        sip->v3 = turn(sip->v3, 21) ^ sip->v0;
        sip->v2 += sip->v1;
        sip->v1 = turn(sip->v1, 17) ^ sip->v2;
        sip->v2 = turn(sip->v2, 32);
    }
}

static void take_word(struct sip *sip, const unsigned char *bytes)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < WORD_BYTES; i++) /* little endian, on any machine */
        word |= (uint64_t)bytes[i] << 8 * i;
    sip->v3 ^= word;
    mix(sip, 2);
    sip->v0 ^= word;
}

static void take(struct sip *sip, struct view piece)
{
    size_t i = 0;
    for (; sip->len % WORD_BYTES == 0 && piece.len - i >= WORD_BYTES; i += WORD_BYTES) {
        take_word(sip, (const unsigned char *)piece.ptr + i);
        sip->len += WORD_BYTES;
    }
    for (; i < piece.len; i++) {
        sip->word[sip->len++ % WORD_BYTES] = (unsigned char)piece.ptr[i];
        if (sip->len % WORD_BYTES == 0)
            take_word(sip, sip->word);
    }
}

static void take_end(struct sip *sip)
{
    for (size_t i = sip->len % WORD_BYTES; i < WORD_BYTES - 1; i++)
        sip->word[i] = 0;
    sip->word[WORD_BYTES - 1] = (unsigned char)sip->len;
    take_word(sip, sip->word);
}

static uint64_t sum(const struct sip *sip)
{
    return sip->v0 ^ sip->v1 ^ sip->v2 ^ sip->v3;
}

struct siphash siphash_of(const struct siphash_key *key, const struct view *pieces, unsigned count)
{
    struct sip sip = {.v0 = key->words[0] ^ 0x736F6D6570736575u,
                      .v1 = key->words[1] ^ 0x646F72616E646F6Du ^ 0xEE,
                      .v2 = key->words[0] ^ 0x6C7967656E657261u,
                      .v3 = key->words[1] ^ 0x7465646279746573u};
    struct siphash hash;
    for (unsigned i = 0; i < count; i++)
        take(&sip, pieces[i]);
    take_end(&sip);
    sip.v2 ^= 0xEE;
    mix(&sip, 4);
    hash.words[0] = sum(&sip);
    sip.v1 ^= 0xDD;
    mix(&sip, 4);
    hash.words[1] = sum(&sip);
    return hash;
}
