#!/bin/bash
# zkServer.sh start-foreground [CONFIGURATION]
# zkServer.sh version
# Debian's own package of this script wants a Java with a desktop.
# ZOO_LOG_DIR, ZOO_LOG4J_PROP: where it logs and how; JVMFLAGS, SERVER_JVMFLAGS: further options of Java.

java=/usr/share/java # without the last two jars nothing would be logged

case ${1-} in
    start-foreground) main=(server.quorum.QuorumPeerMain "${2:-/etc/zookeeper/conf/zoo.cfg}") ;;
    version) main=(version.VersionInfoMain) ;;
    *)
        echo "zkServer.sh: start-foreground or version, not '${1-}'" >&2
        exit 1
        ;;
esac

# shellcheck disable=SC2086 # several options in one variable
exec java -Dzookeeper.log.dir="${ZOO_LOG_DIR:-/var/log/kolla/zookeeper}" \
    -Dzookeeper.root.logger="${ZOO_LOG4J_PROP:-INFO,CONSOLE}" ${JVMFLAGS-} ${SERVER_JVMFLAGS-} \
    -cp "/etc/zookeeper/conf:$java/zookeeper.jar:$java/slf4j-log4j12.jar:$java/log4j-1.2.jar" "org.apache.zookeeper.${main[0]}" "${main[@]:1}"
