package protocol

// queue is an immutable first-in, first-out list: push and pop return a new
// one and leave the old as it was, so that a Session stays a plain value. Push
// and head take constant time and memory; so does pop, on the average.
type queue[T any] struct {
	front *node[T] // oldest first; there is one unless the queue is empty
	back  *node[T] // the rest, newest first
	n     int
}

type node[T any] struct {
	value T
	next  *node[T]
}

func (q queue[T]) push(value T) queue[T] {
	if q.front == nil {
		return queue[T]{front: &node[T]{value: value}, n: 1}
	}
	return queue[T]{front: q.front, back: &node[T]{value, q.back}, n: q.n + 1}
}

// head is the oldest value; ok is false when there is none.
func (q queue[T]) head() (value T, ok bool) {
	if q.front == nil {
		return value, false
	}
	return q.front.value, true
}

// last is the newest value; ok is false when there is none.
func (q queue[T]) last() (value T, ok bool) {
	if q.back != nil {
		return q.back.value, true
	}
	for f := q.front; f != nil; f = f.next {
		value, ok = f.value, true
	}
	return value, ok
}

// pop is the queue without its oldest value.
func (q queue[T]) pop() queue[T] {
	if q.front == nil {
		return q
	}
	return queue[T]{front: q.front.next, back: q.back, n: q.n - 1}.turned()
}

// amendLast is the queue with another newest value.
func (q queue[T]) amendLast(with func(T) T) queue[T] {
	if q.back != nil {
		q.back = &node[T]{with(q.back.value), q.back.next}
		return q
	}
	list := q.all()
	q = queue[T]{}
	for i, value := range list {
		if i == len(list)-1 {
			value = with(value)
		}
		q = q.push(value)
	}
	return q
}

// turned has a front whenever the queue is not empty.
func (q queue[T]) turned() queue[T] {
	if q.front != nil {
		return q
	}
	for b := q.back; b != nil; b = b.next {
		q.front = &node[T]{b.value, q.front}
	}
	q.back = nil
	return q
}

// all lists the values, oldest first.
func (q queue[T]) all() []T {
	list := make([]T, 0, q.n)
	for f := q.front; f != nil; f = f.next {
		list = append(list, f.value)
	}
	older := len(list)
	for b := q.back; b != nil; b = b.next {
		list = append(list, b.value)
	}
	for i, j := older, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}
