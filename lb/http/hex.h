/* Numbers in lower-case hexadecimal digits. */
#ifndef LB_HTTP_HEX_H
#define LB_HTTP_HEX_H

#include <stdint.h>
#include <string.h>

#define HEX_U64_DIGITS 16

/* Eight digits as the eight bytes of a number: each nibble gets a byte of its own, and those above 9 go on
 * from '9' + 1 to 'a'. The lowest digit comes first. */
static inline uint64_t hex_digits(uint32_t value)
{
    uint64_t nibbles = value;
    nibbles = (nibbles | nibbles << 16) & UINT64_C(0x0000ffff0000ffff);
    nibbles = (nibbles | nibbles << 8) & UINT64_C(0x00ff00ff00ff00ff);
    nibbles = (nibbles | nibbles << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    uint64_t is_letter =
        (nibbles + UINT64_C(0x0606060606060606)) >> 4 & UINT64_C(0x0101010101010101);
    return nibbles + UINT64_C(0x0101010101010101) * '0' + is_letter * ('a' - '9' - 1);
}

/* All of them, the lowest first: for numbers in which no digit means more than another. */
static inline void hex_put_random(char digits[HEX_U64_DIGITS], uint64_t random)
{
    uint64_t halves[] = {hex_digits((uint32_t)random), hex_digits((uint32_t)(random >> 32))};
    memcpy(digits, halves, sizeof(halves));
}

#endif
