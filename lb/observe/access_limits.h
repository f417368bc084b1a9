/* How much of each foreign value a line of the access log has room for: bytes after escaping. All
 * of them together leave room for the line's own words, see access_line.h. */
#ifndef LB_OBSERVE_ACCESS_LIMITS_H
#define LB_OBSERVE_ACCESS_LIMITS_H

#define ACCESS_TARGET_BYTES   6000
#define ACCESS_PATH_BYTES     2000
#define ACCESS_MESSAGE_BYTES  200
#define ACCESS_REFERRER_BYTES 2000
#define ACCESS_AGENT_BYTES    1500
#define ACCESS_HOST_BYTES     300
#define ACCESS_ID_BYTES       200
#define ACCESS_NAME_BYTES     300
#define ACCESS_METHOD_BYTES   40
#define ACCESS_IP_BYTES       60
#define ACCESS_SCHEME_BYTES   20

#endif
