import { AliveAnswer, ReadyAnswer } from '@backchannel/protocol/convai';
import type { Operation } from '../operation.js';

export const GET_HEALTH: Operation = {
  id: 'getHealth',
  tag: 'server',
  summary: 'Is the process alive?',
  answers: { 200: { description: 'It is.', schema: AliveAnswer } },
};

export const GET_READINESS: Operation = {
  id: 'getReadiness',
  tag: 'server',
  summary: 'Can it acknowledge messages?',
  answers: {
    200: { description: 'It can.', schema: ReadyAnswer },
    503: { description: 'Not now.', schema: ReadyAnswer },
  },
};

export const GET_METRICS: Operation = {
  id: 'getMetrics',
  tag: 'server',
  summary: 'Numbers for a monitoring system',
  answers: { 200: { description: 'Prometheus’ text format.', contentType: 'text/plain' } },
};

export const GET_OPENAPI: Operation = {
  id: 'getOpenapi',
  tag: 'server',
  summary: 'This document: every route, as OpenAPI 3.1',
  answers: { 200: { description: 'Generated from the routes that are there.', contentType: 'application/json' } },
};

export const GET_ASYNCAPI: Operation = {
  id: 'getAsyncapi',
  tag: 'server',
  summary: 'The conversation socket, as AsyncAPI 3',
  answers: { 200: { description: 'Every frame in both directions, with a sample of each.', contentType: 'application/json' } },
};

export const GET_DOCS: Operation = {
  id: 'getDocs',
  tag: 'server',
  summary: 'Both documents as a page for people',
  answers: { 200: { description: 'It needs nothing from elsewhere and runs no script.', contentType: 'text/html' } },
};
