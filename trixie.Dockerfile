FROM scratch
ADD trixie.tar /
