import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Clock } from '../../common/clock.js';
import { Answers } from '../../common/http/answers.decorator.js';
import { EVENT_STREAM_TYPE, EventStream } from '../../common/http/event-stream.js';
import { isKnownTo } from '../../common/http/not-modified.js';
import { FeedPageDto } from './dto/feed-page.dto.js';
import { FeedQueryDto } from './dto/feed-query.dto.js';
import { readFeedCursor, writeFeedCursor } from './feed-cursor.js';
import { wireOf } from './feed-events.js';
import { readLastEventId } from './last-event-id.js';
import { RevocationListService } from './revocation-list.service.js';
import { type FollowerRequest, StreamService } from './stream.service.js';
import { CallingFollower, followerRefusals, TakesFollower } from './takes-follower.decorator.js';

/** The revocations for services that verify tokens by themselves: docs/feed.md. */
@ApiTags('for services')
@Controller('revocations')
export class FollowersController {
  constructor(
    private readonly list: RevocationListService,
    private readonly streams: StreamService,
    private readonly clock: Clock,
  ) {}

  @Get()
  @TakesFollower()
  @ApiOperation({ summary: 'Everything that is revoked, page by page; needs the scope `revocations:read`' })
  @ApiResponse({ status: 304, description: 'It is still the one with the ETag that `If-None-Match` names.' })
  @Answers({ status: 200, type: FeedPageDto, refusals: followerRefusals })
  async read(
    @Query() { cursor: text, limit }: FeedQueryDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FeedPageDto | undefined> {
    const cursor = text === undefined ? null : readFeedCursor(text);
    const etagOf = (number: number): string => `W/"${number}.${cursor?.after ?? 0}.${limit}"`;
    if (request.headers['if-none-match'] !== undefined) {
      const etag = etagOf(await this.list.numberOf(cursor));
      if (isKnownTo(request, etag)) return void reply.code(304).header('etag', etag);
    }
    const { number, records, next } = await this.list.read(cursor, limit);
    void reply.header('etag', etagOf(number));
    return { number, revocations: records.map(wireOf), next_cursor: next && writeFeedCursor(next) };
  }

  @Get('stream')
  @TakesFollower()
  @ApiOperation({
    summary: 'Revocations as they happen, as server-sent events; needs the scope `revocations:read`',
    description: 'What the events say is in docs/feed.md.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    description: 'The number of the last event; without it, everything that is revoked comes first.',
    schema: { type: 'string', pattern: '^\\d{1,15}$' },
  })
  @ApiProduces(EVENT_STREAM_TYPE)
  @Answers({ status: 200, type: String, refusals: [...followerRefusals, 'feed_not_in_sync', 'too_many_followers'] })
  async follow(
    @CallingFollower() follower: FollowerRequest,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const number = readLastEventId(request.headers['last-event-id']);
    // It has no body, so nobody would hear it end.
    if (request.method === 'HEAD') void reply.code(200).type(EVENT_STREAM_TYPE).send();
    else await this.streams.begin(follower, number, new EventStream(reply, this.clock));
  }
}
