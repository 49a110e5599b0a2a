"""The commands that are compared, each line with its weight. What is left out compares nothing (random results, facts
about the process) or exists in torc only."""

STRINGS = [
    "30 set {key} {value} [nx|xx] [get] [ex {seconds}|px {milliseconds}|exat {deadline_s}|pxat {deadline_ms}|keepttl]",
    "5 set {key} {integer}",
    "20 get {key}",
    "6 getdel {key}",
    "8 getex {key} [ex {seconds}|px {milliseconds}|exat {deadline_s}|pxat {deadline_ms}|persist]",
    "5 getrange {key} {offset} {offset}",
    "2 substr {key} {offset} {offset}",
    "5 getset {key} {value}",
    "10 append {key} {value}",
    "10 (incr|decr) {key}",
    "10 (incrby|decrby) {key} {integer}",
    "8 incrbyfloat {key} {float}",
    "4 lcs {key} {key} [len|idx] [minmatchlen {integer}] [withmatchlen]",
    "6 mget {key}*",
    "6 mset {key} {value} [{key} {value}] [{key} {value}]",
    "4 msetnx {key} {value} [{key} {value}]",
    "4 setex {key} {seconds} {value}",
    "4 psetex {key} {milliseconds} {value}",
    "5 setnx {key} {value}",
    "6 setrange {key} {small_offset} {value}",
    "5 strlen {key}",
]

BITMAPS = [
    "8 setbit {key} {bit_offset} (0|1)",
    "4 getbit {key} {bit_offset}",
    "2 bitcount {key}",
    "4 bitcount {key} {offset} {offset} [bit|byte]",
    "2 bitpos {key} (0|1)",
    "2 bitpos {key} (0|1) {offset}",
    "4 bitpos {key} (0|1) {offset} {offset} [bit|byte]",
    "5 bitop (and|or|xor) {key} {key}*",
    "2 bitop not {key} {key}",
    "4 bitfield {key} get {field_type} {field_offset} [get {field_type} {field_offset}]",
    "8 bitfield {key} [overflow wrap|overflow sat|overflow fail] (set|incrby) {field_type} {field_offset} "
    "{field_value} [get {field_type} {field_offset}|incrby {field_type} {field_offset} {field_value}]",
    "2 bitfield_ro {key} get {field_type} {field_offset}",
]

ZSETS = [
    "20 zadd {zkey} [nx|xx] [gt|lt] [ch] {score} {member} [{score} {member}] [{score} {member} {score} {member}]",
    "2 zadd {zkey} [nx|xx] [gt|lt] [ch] incr {score} {member}",
    "4 zincrby {zkey} {score} {member}",
    "6 zadd {lexkey} 0 {member} 0 {member} 0 {member} 0 {member}",
    "3 zrem {zkey} {member}*",
    "1 zrem {lexkey} {member}*",
    "1 zremrangebyrank {zkey} {rank} {rank}",
    "1 zremrangebyscore {zkey} {bound} {bound}",
    "1 zremrangebylex {lexkey} {lexbound} {lexbound}",
    "1 zcard {zkey}",
    "2 zscore {zkey} {member}",
    "2 zmscore {zkey} {member}*",
    "3 (zrank|zrevrank) {zkey} {member} [withscore]",
    "3 zcount {zkey} {bound} {bound}",
    "3 zlexcount {lexkey} {lexbound} {lexbound}",
    "4 zrange {zkey} {rank} {rank} [rev] [withscores] [limit 0 -1]",
    "4 zrange {zkey} {bound} {bound} byscore [rev] [withscores] [limit {rank} {rank}]",
    "3 zrange {lexkey} {lexbound} {lexbound} [rev] bylex [limit {rank} {rank}]",
    "1 zrevrange {zkey} {rank} {rank} [withscores]",
    "2 (zrangebyscore|zrevrangebyscore) {zkey} {bound} {bound} [withscores] [limit {rank} {rank}]",
    "2 (zrangebylex|zrevrangebylex) {lexkey} {lexbound} {lexbound} [limit {rank} {rank}]",
    "1 zrangestore {zkey} {zkey} {rank} {rank} [rev]",
    "1 zrangestore {zkey} {zkey} {bound} {bound} byscore [rev] [limit {rank} {rank}]",
    "1 zrangestore {lexkey} {lexkey} {lexbound} {lexbound} bylex [rev] [limit {rank} {rank}]",
    "2 (zpopmin|zpopmax) {zkey} [{count}]",
    "1 zmpop 1 {zkey} (min|max) [count {count}]",
    "1 zmpop 2 {zkey} {zkey} (min|max) [count {count}]",
    "1 zmpop {count} {zkey} (min|max) [count {count}] [count {count}]",
    "1 zrandmember {zkey} (100|0)",
    "1 zrandmember {zkey} 100 withscores",
    "2 sadd zmembers:1 {member}*",
    "1 sadd zmembers:2 {rank}*",
    "1 del zmembers:1",
    "3 (zunion|zinter) 2 {zsource} {zsource} [weights {weight} {weight}] [aggregate (sum|min|max)] [withscores]",
    "1 (zunion|zinter) 3 {zsource} {zsource} {zsource} [aggregate (sum|min|max)] [weights {weight} {weight} {weight}] "
    "[withscores]",
    "2 (zunionstore|zinterstore) {zkey} 2 {zsource} {zsource} [weights {weight} {weight}] [aggregate (sum|min|max)]",
    "2 zdiff 2 {zsource} {zsource} [withscores]",
    "2 zdiff 3 {zsource} {zsource} {zsource} [withscores]",
    "2 zdiffstore {zkey} 2 {zsource} {zsource}",
    "2 zintercard 2 {zsource} {zsource} [limit {count}]",
    "1 (zunion|zinter|zdiff) {count} {zsource} {zsource} {zsource} [weights {weight} {weight}]",
    "2 zscan {zkey} 0 [match {pattern}] count 1000",
    "4 object encoding {zkey}",
    "1 del {zkey}",
    "1 copy {zkey} {zkey} [replace]",
    "1 rename {zkey} {zkey}",
    "1 expire {zkey} 5000",
    "1 debug digest-value {zkey} {lexkey}",
    "1 config set zset-max-listpack-entries (0|5|128)",
    "1 config set zset-max-ziplist-value (3|64)",
]

LISTS = [
    "12 (lpush|rpush) {lkey} {element}*",
    "3 (lpushx|rpushx) {lkey} {element}*",
    "5 (lpop|rpop) {lkey}",
    "3 (lpop|rpop) {lkey} {count}",
    "1 llen {lkey}",
    "2 lindex {lkey} {rank}",
    "3 lrange {lkey} {rank} {rank}",
    "3 lset {lkey} {lindex} {element}",
    "4 linsert {lkey} (before|AFTER) {element} {element}",
    "3 lrem {lkey} {rank} {element}",
    "1 ltrim {lkey} {rank} {rank}",
    "3 lpos {lkey} {element} [rank {rank}] [count {count}] [maxlen {rank}]",
    "3 lmove {lkey} {lkey} (left|RIGHT) (LEFT|right)",
    "2 rpoplpush {lkey} {lkey}",
    "2 lmpop 1 {lkey} (left|right) [count {count}]",
    "2 lmpop 2 {lkey} {lkey} (left|right) [count {count}]",
    "1 lmpop {count} {lkey} {lkey} (left|right) [count {count}] [count {count}]",
    "4 object encoding {lkey}",
    "1 copy {lkey} {lkey} [replace]",
    "1 rename {lkey} {lkey}",
    "1 expire {lkey} 5000",
    "1 debug digest-value {lkey} {lkey}",
]

GEO = [
    "12 geoadd {geokey} [nx|xx] [ch] {longitude} {latitude} {member} [{longitude} {latitude} {member}]",
    "2 geodist {geokey} {member} {member} [m|KM|ft|mi|x]",
    "2 geopos {geokey} {member}*",
    "2 geohash {geokey} {member}*",
    "6 geosearch {geokey} (frommember {member}|fromlonlat {longitude} {latitude}) "
    "(byradius {length} (m|km|mi|ft)|bybox {length} {length} (m|km|mi|ft)) [asc|desc] [count {count} [any]] "
    "[withcoord] [withdist] [withhash]",
    "3 geosearchstore {geokey} {geokey} (frommember {member}|fromlonlat {longitude} {latitude}) "
    "(byradius {length} (m|km|mi|ft)|bybox {length} {length} (m|km|mi|ft)) [asc|desc] [count {count} [any]] "
    "[storedist]",
    "2 (georadius|georadius_ro) {geokey} {longitude} {latitude} {length} (m|km|mi|ft) [withdist] [withcoord] "
    "[withhash] [count {count} [any]] [asc|desc]",
    "2 (georadiusbymember|georadiusbymember_ro) {geokey} {member} {length} (m|km|mi|ft) [withdist] [withcoord] "
    "[count {count} [any]] [asc|desc]",
    "1 (georadius|georadius_ro) {geokey} {longitude} {latitude} {length} km (store|storedist) {geokey} [count {count}]",
    "1 georadiusbymember {geokey} {member} {length} km (store|storedist) {geokey} [desc]",
    "1 zadd {geokey} {score} {member}",
    "1 zrem {geokey} {member}*",
]

SETS = [
    "12 sadd {setkey} {member}*",
    "2 sadd {setkey} {integer}*",
    "6 srem {setkey} {member}*",
    "3 smove {setkey} {setkey} {member}",
    "2 sismember {setkey} {member}",
    "2 smismember {setkey} {member}*",
    "2 scard {setkey}",
    "3 smembers {setkey}",
    "2 sscan {setkey} 0 [match {pattern}] count 1000",
    "3 (sinter|sunion|sdiff) {setkey} [{setkey}] [{setkey}]",
    "4 (sinterstore|sunionstore|sdiffstore) {setkey} {setkey} [{setkey}] [{setkey}]",
    "2 sintercard 2 {setkey} {setkey} [limit {count}]",
    "1 sintercard {count} {setkey} {setkey} [limit {count}]",
    # What one takes by chance would be missing at the other.
    "1 spop {setkey} (100000|0|-1|x)",
    "2 srandmember {setkey} [{count}]",
    "3 object encoding {setkey}",
    "1 del {setkey}",
    "1 copy {setkey} {setkey} [replace]",
    "1 rename {setkey} {setkey}",
    "1 expire {setkey} 5000",
    "1 debug digest-value {setkey} {setkey}",
]

HASHES = [
    "12 hset {hashkey} {member} {value} [{member} {value}] [{member} {value} {member} {value}]",
    "2 hmset {hashkey} {member} {value} [{member} {value}]",
    "3 hsetnx {hashkey} {member} {value}",
    "5 hdel {hashkey} {member}*",
    "4 hget {hashkey} {member}",
    "3 hmget {hashkey} {member}*",
    "2 hexists {hashkey} {member}",
    "2 hstrlen {hashkey} {member}",
    "2 hlen {hashkey}",
    "2 (hgetall|hkeys|hvals) {hashkey}",
    "6 hincrby {hashkey} {member} {integer}",
    "5 hincrbyfloat {hashkey} {member} {float}",
    "2 hscan {hashkey} 0 [match {pattern}] count 1000",
    "2 hrandfield {hashkey} [{count}]",
    "1 hrandfield {hashkey} {count} withvalues",
    "3 object encoding {hashkey}",
    "1 del {hashkey}",
    "1 copy {hashkey} {hashkey} [replace]",
    "1 rename {hashkey} {hashkey}",
    "1 expire {hashkey} 5000",
    "1 debug digest-value {hashkey} {hashkey}",
]

# Ids are given: those of the clock would differ.
STREAMS = [
    "16 xadd {streamkey} {newid} {member} {value} [{member} {integer}] [{member} {integer}]",
    "6 xadd {streamkey} {newid} a {integer} b {value}",
    "4 xadd {streamkey} [nomkstream] (maxlen [~|=] {count}|minid [~|=] {streamid}) [limit {count}] {newid} {member} "
    "{value}",
    "2 xadd {streamkey} {streamid} {member} {value}",
    "2 xtrim {streamkey} (maxlen [~|=] {count}|minid [~|=] {streamid}) [limit {count}]",
    "4 xdel {streamkey} {streamid}*",
    "2 xlen {streamkey}",
    "4 (xrange|xrevrange) {streamkey} {streambound} {streambound} [count {count}]",
    "3 xread [count {count}] streams {streamkey} {streamid}",
    "2 xread [count {count}] streams {streamkey} {streamkey} {streamid} $",
    "4 xgroup create {streamkey} {group} (0|$|{streamid}) [mkstream] [entriesread {count}]",
    "1 xgroup setid {streamkey} {group} (0|$|{streamid}) [entriesread {count}]",
    "1 xgroup (destroy {streamkey} {group}|createconsumer {streamkey} {group} {consumer})",
    "1 xgroup delconsumer {streamkey} {group} {consumer}",
    "12 xreadgroup group {group} {consumer} [count {count}] [noack] streams {streamkey} >",
    "2 xreadgroup group {group} {consumer} [count {count}] streams {streamkey} {streamkey} > {streamid}",
    "5 xack {streamkey} {group} {streamid}*",
    "5 xclaim {streamkey} {group} {consumer} (0|1000000) {streamid}* [force] [justid] [retrycount {count}] "
    "[idle 5000|time 5] [lastid {streamid}]",
    "3 xautoclaim {streamkey} {group} {consumer} (0|1000000) {streambound} [count {count}] [justid]",
    "4 xpending {streamkey} {group} [[idle 1000000] {streambound} {streambound} {count} [{consumer}]]",
    "2 xsetid {streamkey} {newid} [entriesadded {count}] [maxdeletedid {streamid}]",
    "2 xinfo stream {streamkey} [full [count {count}]]",
    "2 xinfo groups {streamkey}",
    "1 object encoding {streamkey}",
    "1 copy {streamkey} {streamkey} [replace]",
    "1 rename {streamkey} {streamkey}",
    "1 del {streamkey}",
    "1 debug digest-value {streamkey} {streamkey}",
]

SKETCHES = [
    "10 pfadd {sketchkey} {value}*",
    "4 pfcount {sketchkey}*",
    "4 pfmerge {sketchkey} {sketchkey}*",
    "3 get {sketchkey}",
    "2 pfdebug (todense|decode|encoding) {sketchkey}",
    "1 del {sketchkey}",
    "1 config set hll-sparse-max-bytes (20|100|3000)",
]

# Not of sorted sets: Redis changes the encoding of one that it sorts. What is equal up to a NUL byte has no order if it
# is not stored.
SORTING = [
    "4 sort {lkey} alpha [limit {rank} {rank}] [desc] store {lkey}",
    "2 sort {lkey} [limit {rank} {rank}] [desc]",
    "2 sort {setkey} [desc] [get # get key:*]",
    "3 sort {setkey} alpha [by nosort] [desc] [get # get key:*] store {lkey}",
    "1 sort_ro {lkey} by nosort [desc] [limit {rank} {rank}] [get #]",
]

GENERIC = [
    "5 copy {key} {key} [db {two_databases}] [replace]",
    "12 (del|unlink) {key}*",
    "5 exists {key}*",
    # GT and LT only with absolute times: equal relative ones would be compared a millisecond apart or not.
    "4 expire {key} {seconds} [nx|xx]",
    "4 pexpire {key} {milliseconds} [nx|xx]",
    "4 expireat {key} {deadline_s} [nx|xx|gt|lt]",
    "4 pexpireat {key} {deadline_ms} [nx|xx|gt|lt]",
    "3 (expiretime|pexpiretime) {key}",
    "6 (ttl|pttl) {key}",
    "5 persist {key}",
    "2 keys {pattern}",
    "4 move {key} {two_databases}",
    "5 rename {key} {key}",
    "4 renamenx {key} {key}",
    "2 touch {key}*",
    "3 type {key}",
    "5 object (encoding|refcount|freq) {key}",
    "2 scan 0 [match {pattern}] count 1000 [type {type}]",
    "1 dbsize",
]

DATABASES = [
    "3 select {two_databases}",
    "1 select {database}",
    "1 flushdb [async|sync]",
    "1 swapdb {two_databases} {two_databases}",
]

TRANSACTIONS = [
    "10 multi",
    "12 exec",
    "2 discard",
    "4 watch {key}*",
    "2 unwatch",
]

CONNECTION = [
    "3 ping [{value}]",
    "2 echo {value}",
    "1 client (getname|id|no-evict on|no-evict off|setname {key}|reply on)",
    "1 nosuchcommand {value}",
    "1 config nosuchsubcommand",
    "1 command count extra",
    "1 hello (2|3|4|x)",
]

ALL = (STRINGS + BITMAPS + SETS + HASHES + ZSETS + LISTS + STREAMS + GEO + SKETCHES + SORTING + GENERIC + DATABASES
       + TRANSACTIONS + CONNECTION)
